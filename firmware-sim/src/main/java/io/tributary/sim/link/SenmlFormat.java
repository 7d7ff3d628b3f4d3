package io.tributary.sim.link;

import io.tributary.model.Channel;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Sensor measurement lists, RFC 8428, one pack per row; the topic names the device, names are channels. Numbers are
 * doubles there, and times seconds: whole ones in CBOR, milliseconds in JSON, so that a double holds them exactly.
 */
final class SenmlFormat extends MessageFormat.Plain {
    private static final long SECOND_NS = 1_000_000_000L;
    private static final long MILLI_NS = 1_000_000L;
    /** Labels of RFC 8428, table 4. */
    private static final int BASE_TIME = -3;

    private static final int NAME = 0;
    private static final int UNIT = 1;
    private static final int VALUE = 2;
    private static final int TEXT = 3;
    private static final int BOOL = 4;

    private static final int MAJOR_NEGATIVE = 0x20;
    private static final int MAJOR_TEXT = 0x60;
    private static final int MAJOR_ARRAY = 0x80;
    private static final int MAJOR_MAP = 0xa0;

    private final boolean cbor;

    SenmlFormat(String topic, boolean cbor) {
        super(topic);
        this.cbor = cbor;
    }

    @Override
    public @Nullable String whyUnsendable(Row row) {
        for (int i = 0; i < row.size(); i++) {
            if (!row.channel(i).name().matches("[A-Za-z0-9][A-Za-z0-9:./_-]*")) {
                return "SenML has no name \"" + row.channel(i).name() + "\"";
            }
        }
        return JsonText.whyUnsendable(row);
    }

    @Override
    public Row carried(Row row) {
        long precision = cbor ? SECOND_NS : MILLI_NS;
        Row.Builder carried =
                Row.builder(row.device(), Math.floorDiv(row.eventTimeNs(), precision) * precision, row.size());
        for (int i = 0; i < row.size(); i++) {
            Channel channel = row.channel(i);
            if (channel.type() == ValueType.LONG) {
                carried.add(new Channel(channel.name(), ValueType.DOUBLE, channel.unit()), (double) row.bits(i));
            } else {
                String text = channel.type() == ValueType.STRING ? row.text(i) : null;
                carried.add(channel, row.bits(i), text, Quality.GOOD);
            }
        }
        return carried.build();
    }

    @Override
    byte[] payload(Row row) {
        return cbor ? cbor(row) : json(row).getBytes(StandardCharsets.UTF_8);
    }

    private static String json(Row row) {
        StringBuilder out = new StringBuilder(256).append('[');
        for (int i = 0; i < row.size(); i++) {
            out.append(i == 0 ? "{" : ",{");
            if (i == 0) {
                long millis = row.eventTimeNs() / MILLI_NS;
                out.append("\"bt\":%d.%03d,".formatted(millis / 1000, millis % 1000));
            }
            out.append("\"n\":");
            JsonText.text(out, row.channel(i).name());
            if (!row.channel(i).unit().isEmpty()) {
                out.append(",\"u\":");
                JsonText.text(out, row.channel(i).unit());
            }
            out.append(
                    switch (row.channel(i).type()) {
                        case STRING -> ",\"vs\":";
                        case BOOL -> ",\"vb\":";
                        default -> ",\"v\":";
                    });
            JsonText.value(out, row, i);
            out.append('}');
        }
        return out.append(']').toString();
    }

    private static byte[] cbor(Row row) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(256);
        head(out, MAJOR_ARRAY, row.size());
        for (int i = 0; i < row.size(); i++) {
            String unit = row.channel(i).unit();
            head(out, MAJOR_MAP, 2 + (i == 0 ? 1 : 0) + (unit.isEmpty() ? 0 : 1));
            if (i == 0) {
                head(out, MAJOR_NEGATIVE, -1 - BASE_TIME);
                head(out, 0, row.eventTimeNs() / SECOND_NS);
            }
            head(out, 0, NAME);
            text(out, row.channel(i).name());
            if (!unit.isEmpty()) {
                head(out, 0, UNIT);
                text(out, unit);
            }
            switch (row.channel(i).type()) {
                case STRING -> {
                    head(out, 0, TEXT);
                    text(out, row.text(i));
                }
                case BOOL -> {
                    head(out, 0, BOOL);
                    out.write(row.bits(i) != 0 ? 0xf5 : 0xf4);
                }
                default -> {
                    head(out, 0, VALUE);
                    out.write(0xfb);
                    out.writeBytes(ByteBuffer.allocate(8).putLong(row.bits(i)).array());
                }
            }
        }
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        head(out, MAJOR_TEXT, bytes.length);
        out.writeBytes(bytes);
    }

    /** RFC 8949 section 3: the shortest head of a major type. */
    private static void head(ByteArrayOutputStream out, int major, long value) {
        if (value < 24) {
            out.write(major | (int) value);
        } else if (value < 1 << 8) {
            out.write(major | 24);
            out.write((int) value);
        } else if (value < 1 << 16) {
            out.write(major | 25);
            out.writeBytes(ByteBuffer.allocate(2).putShort((short) value).array());
        } else if (value < 1L << 32) {
            out.write(major | 26);
            out.writeBytes(ByteBuffer.allocate(4).putInt((int) value).array());
        } else {
            out.write(major | 27);
            out.writeBytes(ByteBuffer.allocate(8).putLong(value).array());
        }
    }
}
