package io.tributary.sim.link;

import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Line protocol, one line per row: {@code measurement,device=ID,tag=v channel=1.5,other=3i 1700000000000000000}. The
 * agent answers {@code OK n} when the first n lines of the connection are durable or refused, and before that {@code
 * ERR k reason} for each refused line k.
 */
final class LineWire implements Wire {
    /** The measurement says nothing: the device is a tag and fields are channels. */
    private static final String MEASUREMENT = "telemetry";

    private static final String DEVICE_TAG = "device";
    private static final int REPLY_BYTES_MAX = 64 << 10;

    private final boolean json;

    LineWire() {
        this(false);
    }

    /** @param json each line a JSON document instead */
    LineWire(boolean json) {
        this.json = json;
    }

    @Override
    public @Nullable String whyUnsendable(Row row) {
        if (json) {
            return JsonText.whyUnsendable(row);
        }
        if (row.device().id().endsWith("\\")) {
            return "a line cannot carry the trailing backslash of device \""
                    + row.device().id() + "\"";
        }
        for (int i = 0; i < row.size(); i++) {
            String channel = row.channel(i).name();
            if (channel.endsWith("\\")) {
                return "a line cannot carry the trailing backslash of channel \"" + channel + "\"";
            } else if (row.quality(i) != Quality.GOOD) {
                return "a line cannot carry a quality, channel \"" + channel + "\"";
            } else if (row.channel(i).type() == ValueType.DOUBLE && !Double.isFinite(row.doubleValue(i))) {
                return "a line cannot carry " + row.doubleValue(i) + ", channel \"" + channel + "\"";
            } else if (row.channel(i).type() == ValueType.STRING && hasLineBreak(row.text(i))) {
                return "a line cannot carry a line break, channel \"" + channel + "\"";
            }
        }
        return null;
    }

    private static boolean hasLineBreak(String text) {
        return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }

    @Override
    public Delivery.Encoded encode(long id, List<Row> rows) {
        StringBuilder text = new StringBuilder(256);
        byte[][] lines = new byte[rows.size()][];
        int[] ends = new int[rows.size()];
        int length = 0;
        for (int i = 0; i < lines.length; i++) {
            text.setLength(0);
            if (json) {
                JsonText.append(text, rows.get(i));
                text.append('\n');
            } else {
                appendLine(text, rows.get(i));
            }
            lines[i] = text.toString().getBytes(StandardCharsets.UTF_8);
            length += lines[i].length;
            ends[i] = length;
        }
        byte[] bytes = new byte[length];
        for (int i = 0; i < lines.length; i++) {
            System.arraycopy(lines[i], 0, bytes, ends[i] - lines[i].length, lines[i].length);
        }
        return new Delivery.Encoded(bytes, ends);
    }

    static void appendLine(StringBuilder out, Row row) {
        out.append(MEASUREMENT).append(',').append(DEVICE_TAG).append('=');
        appendKey(out, row.device().id());
        for (Map.Entry<String, String> tag : row.device().tags().entrySet()) {
            boolean expressible = !tag.getValue().isEmpty()
                    && !tag.getKey().equals(DEVICE_TAG)
                    && !tag.getKey().endsWith("\\")
                    && !tag.getValue().endsWith("\\");
            if (expressible) {
                out.append(',');
                appendKey(out, tag.getKey());
                out.append('=');
                appendKey(out, tag.getValue());
            }
        }
        char separator = ' ';
        for (int i = 0; i < row.size(); i++) {
            out.append(separator);
            separator = ',';
            appendKey(out, row.channel(i).name());
            out.append('=');
            switch (row.channel(i).type()) {
                case DOUBLE -> out.append(row.doubleValue(i));
                case LONG -> out.append(row.bits(i)).append('i');
                case BOOL -> out.append(row.bits(i) != 0 ? "true" : "false");
                case STRING -> appendText(out, row.text(i));
            }
        }
        out.append(' ').append(row.eventTimeNs()).append('\n');
    }

    private static void appendKey(StringBuilder out, String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (c == ',' || c == '=' || c == ' ') {
                out.append('\\');
            }
            out.append(c);
        }
    }

    private static void appendText(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\');
            }
            out.append(c);
        }
        out.append('"');
    }

    @Override
    public Session open(InputStream in, OutputStream out) {
        return new LineSession(in, out);
    }

    private static final class LineSession implements Session {
        private final InputStream in;
        private final OutputStream out;
        /** Sent rows not yet covered by an OK, in order; guarded by itself. */
        private final Deque<Span> unanswered = new ArrayDeque<>();

        private long settledLines;
        private final TreeMap<Long, String> refused = new TreeMap<>();

        LineSession(InputStream in, OutputStream out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public void write(Delivery delivery, int fromRow) throws IOException {
            synchronized (unanswered) {
                unanswered.add(new Span(delivery, fromRow));
            }
            int from = delivery.offset(fromRow);
            out.write(delivery.bytes(), from, delivery.bytes().length - from);
        }

        @Override
        public List<Outcome> read() throws IOException {
            String reply = readLine();
            String[] words = reply.split(" ", 3);
            if (words[0].equals("OK") && words.length == 2) {
                return settle(number(words[1], reply));
            } else if (words[0].equals("ERR") && words.length >= 2) {
                long line = number(words[1], reply);
                if (line <= settledLines) {
                    throw new IOException("\"" + reply + "\" after OK " + settledLines);
                }
                refused.put(line, words.length == 3 ? words[2] : "no reason given");
                return List.of();
            }
            throw new IOException("reply \"" + reply + "\", expected OK n or ERR n reason");
        }

        private List<Outcome> settle(long lines) throws IOException {
            List<Outcome> outcomes = new ArrayList<>();
            synchronized (unanswered) {
                while (settledLines < lines) {
                    Span span = unanswered.peek();
                    if (span == null) {
                        throw new IOException("OK " + lines + " after " + settledLines + " lines were sent");
                    }
                    settle(span, lines, outcomes);
                    if (span.nextRow == span.delivery.rowCount()) {
                        unanswered.remove();
                    }
                }
            }
            return outcomes;
        }

        /** One outcome: the next refused line, or the accepted lines up to it. */
        private void settle(Span span, long lines, List<Outcome> outcomes) {
            Map.Entry<Long, String> next = refused.firstEntry();
            boolean isRefused = next != null && next.getKey() == settledLines + 1;
            long last = isRefused ? settledLines + 1 : next == null ? lines : Math.min(lines, next.getKey() - 1);
            int count = (int) Math.min(last - settledLines, span.delivery.rowCount() - span.nextRow);
            outcomes.add(new Outcome(
                    span.delivery,
                    span.nextRow,
                    span.nextRow + count,
                    isRefused ? Outcome.Kind.REJECTED : Outcome.Kind.ACCEPTED,
                    isRefused ? next.getValue() : "",
                    0));
            if (isRefused) {
                refused.remove(next.getKey());
            }
            settledLines += count;
            span.nextRow += count;
        }

        private String readLine() throws IOException {
            byte[] line = new byte[64];
            int length = 0;
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new EOFException("closed by the agent");
                } else if (length == REPLY_BYTES_MAX) {
                    throw new IOException("a reply longer than " + REPLY_BYTES_MAX + " bytes");
                } else if (length == line.length) {
                    line = java.util.Arrays.copyOf(line, length * 2);
                }
                line[length++] = (byte) b;
            }
            return new String(line, 0, length, StandardCharsets.UTF_8).strip();
        }

        private static long number(String word, String reply) throws IOException {
            try {
                return Long.parseLong(word);
            } catch (NumberFormatException e) {
                throw new IOException("reply \"" + reply + "\", expected OK n or ERR n reason", e);
            }
        }
    }

    /** Rows of a delivery from {@code nextRow} on that await their answer. */
    private static final class Span {
        private final Delivery delivery;
        private int nextRow;

        Span(Delivery delivery, int nextRow) {
            this.delivery = delivery;
            this.nextRow = nextRow;
        }
    }
}
