package io.tributary.sim.link;

import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sparkplug B, specification 3.0: a connection is a node, which is born when it connects; a device's first row on a
 * connection is its birth, with names, types, units and aliases, and the others are data with aliases. Times are
 * milliseconds. Payloads are written field by field: {@code sparkplug_b.proto} of Eclipse Tahu.
 */
final class SparkplugFormat implements MessageFormat {
    private static final String GROUP = "spBv1.0/tributary/";
    private static final long MILLI_NS = 1_000_000L;
    private static final int SEQUENCES = 256;
    // Data types of section 6.4.16.
    private static final int INT64 = 4;
    private static final int DOUBLE = 10;
    private static final int BOOLEAN = 11;
    private static final int STRING = 12;

    @Override
    public @Nullable String whyUnsendable(Row row) {
        if (row.device().id().matches(".*[+#/].*")) {
            return "Sparkplug has no device \"" + row.device().id() + "\"";
        }
        return JsonText.whyUnsendable(row);
    }

    @Override
    public Row carried(Row row) {
        return row.at(Math.floorDiv(row.eventTimeNs(), MILLI_NS) * MILLI_NS);
    }

    @Override
    public Session open(String client) {
        return new Node(client);
    }

    private static final class Node implements Session {
        private final String node;
        /** By device: channels in the order of their aliases, which count from 0 in each device. */
        private final Map<String, List<Channel>> births = new HashMap<>();

        private final Map<String, Integer> deviceNumbers = new HashMap<>();
        private int sequence;
        private long lastMillis;

        Node(String node) {
            this.node = node;
        }

        @Override
        public List<Message> hello() {
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            varintField(payload, 1, lastMillis);
            ByteArrayOutputStream metric = new ByteArrayOutputStream();
            textField(metric, 1, "bdSeq");
            varintField(metric, 4, INT64);
            varintField(metric, 11, 0);
            bytesField(payload, 2, metric.toByteArray());
            varintField(payload, 3, next());
            return List.of(new Message(GROUP + "NBIRTH/" + node, payload.toByteArray()));
        }

        @Override
        public Message message(Row row) {
            lastMillis = row.eventTimeNs() / MILLI_NS;
            String device = row.device().id();
            List<Channel> known = births.get(device);
            boolean birth = known == null || !covers(known, row);
            List<Channel> channels = known == null || birth ? channels(row, known == null ? List.of() : known) : known;
            births.put(device, channels);
            ByteArrayOutputStream payload = new ByteArrayOutputStream(256);
            varintField(payload, 1, lastMillis);
            for (int i = 0; i < row.size(); i++) {
                bytesField(payload, 2, metric(row, i, channels.indexOf(row.channel(i)), birth));
            }
            varintField(payload, 3, next());
            return new Message(GROUP + (birth ? "DBIRTH/" : "DDATA/") + node + "/" + device, payload.toByteArray());
        }

        private static boolean covers(List<Channel> known, Row row) {
            for (int i = 0; i < row.size(); i++) {
                if (!known.contains(row.channel(i))) {
                    return false;
                }
            }
            return true;
        }

        private static List<Channel> channels(Row row, List<Channel> known) {
            List<Channel> channels = new ArrayList<>(known);
            for (int i = 0; i < row.size(); i++) {
                if (!channels.contains(row.channel(i))) {
                    channels.add(row.channel(i));
                }
            }
            return channels;
        }

        private byte[] metric(Row row, int i, int alias, boolean birth) {
            Channel channel = row.channel(i);
            ByteArrayOutputStream metric = new ByteArrayOutputStream(48);
            if (birth) {
                textField(metric, 1, channel.name());
            }
            // Unique in the node: a device's aliases begin behind those of the devices before it.
            varintField(metric, 2, alias(row.device().id(), alias));
            varintField(metric, 3, lastMillis);
            if (birth) {
                varintField(metric, 4, type(channel.type()));
                if (!channel.unit().isEmpty()) {
                    bytesField(metric, 9, unit(channel.unit()));
                }
            }
            switch (channel.type()) {
                case LONG -> varintField(metric, 11, row.bits(i));
                case DOUBLE -> {
                    tag(metric, 13, 1);
                    metric.writeBytes(ByteBuffer.allocate(8)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(row.bits(i))
                            .array());
                }
                case BOOL -> varintField(metric, 14, row.bits(i));
                case STRING -> textField(metric, 15, row.text(i));
            }
            return metric.toByteArray();
        }

        private long alias(String device, int channel) {
            int number = deviceNumbers.computeIfAbsent(device, absent -> deviceNumbers.size());
            return ((long) number << 20) + channel + 1;
        }

        private int next() {
            int now = sequence;
            sequence = (sequence + 1) % SEQUENCES;
            return now;
        }

        private static int type(ValueType type) {
            return switch (type) {
                case LONG -> INT64;
                case DOUBLE -> DOUBLE;
                case BOOL -> BOOLEAN;
                case STRING -> STRING;
            };
        }

        /** PropertySet with key engUnit and one string. */
        private static byte[] unit(String unit) {
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            varintField(value, 1, STRING);
            textField(value, 8, unit);
            ByteArrayOutputStream set = new ByteArrayOutputStream();
            textField(set, 1, "engUnit");
            bytesField(set, 2, value.toByteArray());
            return set.toByteArray();
        }
    }

    private static void tag(ByteArrayOutputStream out, int field, int wireType) {
        varint(out, (long) field << 3 | wireType);
    }

    private static void varintField(ByteArrayOutputStream out, int field, long value) {
        tag(out, field, 0);
        varint(out, value);
    }

    private static void textField(ByteArrayOutputStream out, int field, String text) {
        bytesField(out, field, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytesField(ByteArrayOutputStream out, int field, byte[] bytes) {
        tag(out, field, 2);
        varint(out, bytes.length);
        out.writeBytes(bytes);
    }

    private static void varint(ByteArrayOutputStream out, long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            out.write((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        out.write((int) left);
    }
}
