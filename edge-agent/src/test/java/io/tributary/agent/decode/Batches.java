package io.tributary.agent.decode;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.ManualClock;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.model.Batch;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Batches as texts, and decoders as a configuration asks for them. */
final class Batches {
    private Batches() {}

    /** Section {@code decode} of a source. */
    record Section(DecoderConfig decode) {}

    static DecoderConfig config(String yaml) throws ConfigException {
        return ConfigReader.parse("decode:\n" + yaml.indent(2), "test", Section.class)
                .decode();
    }

    static Decoder decoder(String yaml) throws ConfigException {
        return config(yaml).open(context(RebirthListener.NONE, new ManualClock()));
    }

    static DecoderContext context(RebirthListener rebirth, ManualClock clock) {
        return new DecoderContext("test", clock, new DecodeMetrics(new PrometheusRegistry()), rebirth);
    }

    static Message message(String address, Message.Names names, String payload) {
        return new Message(address, names, payload.getBytes(StandardCharsets.UTF_8));
    }

    static Message message(String payload) {
        return message("", new Message.Names("dev", "", Map.of()), payload);
    }

    /** {@code device{tags} channel:TYPE[unit]=value @time !quality}, one line per reading, as they come. */
    static String shown(Batch batch) {
        return String.join("\n", lines(batch));
    }

    static List<String> lines(Batch batch) {
        List<String> lines = new ArrayList<>();
        for (Table table : batch.tables()) {
            int[] next = new int[table.columns().length];
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                Device device = batch.devices().get(table.runDevice()[run]);
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    for (int i = 0; i < next.length; i++) {
                        if (table.columns()[i].isPresent(row)) {
                            lines.add(line(batch, table, device, row, i, next[i]++));
                        }
                    }
                }
            }
        }
        return lines;
    }

    private static String line(Batch batch, Table table, Device device, int row, int i, int index) {
        Column column = table.columns()[i];
        var channel = batch.channels().get(table.channels()[i]);
        Object value = switch (column.type()) {
            case DOUBLE -> column.doubles()[index];
            case LONG -> column.longs()[index];
            case BOOL -> column.longs()[index] != 0;
            case STRING -> column.strings()[index];
        };
        long time = table.eventTimes()[row];
        return device.id() + (device.tags().isEmpty() ? "" : new TreeMap<>(device.tags())) + " " + channel.name() + ":"
                + column.type() + (channel.unit().isEmpty() ? "" : "[" + channel.unit() + "]") + "=" + value
                + (time == Table.STAMP_ON_ARRIVAL ? "" : " @" + time)
                + (column.qualityAt(index) == 0 ? "" : " !" + Integer.toHexString(column.qualityAt(index)));
    }
}
