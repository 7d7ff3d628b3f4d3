package io.tributary.golden;

import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.IntStream;

/** Golden resources as text, and batches as the text that stands beside their bytes. */
final class GoldenText {
    private GoldenText() {}

    static List<String> lines(String resource) {
        String path = "/golden/" + resource;
        try (InputStream in = GoldenText.class.getResourceAsStream(path)) {
            if (in == null) {
                throw new AssertionError("no resource " + path);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> !line.isBlank() && !line.startsWith("#"))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static byte[] hex(List<String> lines) {
        return HexFormat.of().parseHex(String.join("", lines).replace(" ", ""));
    }

    /** Every device, channel and row of a batch, one line each; NaNs by their bits. */
    static String of(Batch batch) {
        StringBuilder text = new StringBuilder();
        for (Device device : batch.devices()) {
            text.append("device ")
                    .append(device.id())
                    .append(' ')
                    .append(device.tags())
                    .append('\n');
        }
        for (Channel channel : batch.channels()) {
            text.append("channel %s %s [%s]\n".formatted(channel.name(), channel.type(), channel.unit()));
        }
        for (Table table : batch.tables()) {
            text.append("table ").append(table.rows()).append('\n');
            int[] next = new int[table.columns().length];
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    text.append(batch.devices().get(table.runDevice()[run]).id());
                    text.append(' ').append(table.eventTimes()[row]);
                    text.append(' ').append(table.edgeTimes()[row]);
                    appendValues(batch, table, row, next, text);
                    text.append('\n');
                }
            }
        }
        return text.toString();
    }

    private static void appendValues(Batch batch, Table table, int row, int[] next, StringBuilder text) {
        for (int i = 0; i < next.length; i++) {
            Column column = table.columns()[i];
            if (column.isPresent(row)) {
                int at = next[i]++;
                text.append(' ')
                        .append(batch.channels().get(table.channels()[i]).name());
                text.append('=').append(value(column, at));
                if (column.qualityAt(at) != Quality.GOOD) {
                    text.append("(quality 0x%02x)".formatted(column.qualityAt(at)));
                }
            }
        }
    }

    private static String value(Column column, int at) {
        return switch (column.type()) {
            case DOUBLE -> of(column.doubles()[at]);
            case LONG, BOOL -> Long.toString(column.longs()[at]);
            case STRING -> '"' + column.strings()[at] + '"';
        };
    }

    static String of(double value) {
        return Double.isNaN(value) ? "0x%016x".formatted(Double.doubleToRawLongBits(value)) : Double.toString(value);
    }

    /** As {@code columns.txt} has it: values parted by one space. */
    static String of(double[] values) {
        return join(IntStream.range(0, values.length).mapToObj(i -> of(values[i])));
    }

    static String of(long[] values) {
        return join(IntStream.range(0, values.length).mapToObj(i -> Long.toString(values[i])));
    }

    static String join(java.util.stream.Stream<String> values) {
        return values.collect(java.util.stream.Collectors.joining(" "));
    }
}
