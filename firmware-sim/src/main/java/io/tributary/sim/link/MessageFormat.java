package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How a row becomes an MQTT message. Without state of its own; any thread. */
interface MessageFormat {
    /** A topic and what is published there. */
    record Message(String topic, byte[] payload) {}

    /** The state of one connection; its thread. */
    interface Session {
        /** Published when the connection is there, before anything else. */
        List<Message> hello();

        Message message(Row row);
    }

    /** Why it cannot carry this row; null when it can. */
    @Nullable
    String whyUnsendable(Row row);

    /** What of the row arrives: times of less precision, other types. */
    Row carried(Row row);

    Session open(String client);

    /** @param topic with {@code {device}} in it; Sparkplug has its own */
    static MessageFormat of(Protocol protocol, String topic) {
        return switch (protocol) {
            case LINES -> new TextFormat(topic, new LineWire());
            case JSON -> new TextFormat(topic, null);
            case SENML_JSON -> new SenmlFormat(topic, false);
            case SENML_CBOR -> new SenmlFormat(topic, true);
            case SPARKPLUG -> new SparkplugFormat();
            case FRAMES, BATCHES -> throw new IllegalArgumentException(protocol + " over MQTT");
        };
    }

    /** A format whose messages know nothing of those before. */
    abstract class Plain implements MessageFormat {
        private final String before;
        private final String after;

        Plain(String topic) {
            int at = topic.indexOf("{device}");
            if (at < 0) {
                throw new IllegalArgumentException("topic \"" + topic + "\", expected {device} in it");
            }
            before = topic.substring(0, at);
            after = topic.substring(at + "{device}".length());
        }

        abstract byte[] payload(Row row);

        @Override
        public Session open(String client) {
            return new Session() {
                @Override
                public List<Message> hello() {
                    return List.of();
                }

                @Override
                public Message message(Row row) {
                    return new Message(before + row.device().id() + after, payload(row));
                }
            };
        }
    }

    /** Line protocol, or JSON. */
    final class TextFormat extends Plain {
        private final @Nullable LineWire lines;

        /** @param lines null for JSON */
        TextFormat(String topic, @Nullable LineWire lines) {
            super(topic);
            this.lines = lines;
        }

        @Override
        public @Nullable String whyUnsendable(Row row) {
            return lines == null ? JsonText.whyUnsendable(row) : lines.whyUnsendable(row);
        }

        @Override
        public Row carried(Row row) {
            return row;
        }

        @Override
        byte[] payload(Row row) {
            StringBuilder text = new StringBuilder(256);
            if (lines == null) {
                JsonText.append(text, row);
            } else {
                LineWire.appendLine(text, row);
            }
            return text.toString().getBytes(StandardCharsets.UTF_8);
        }
    }
}
