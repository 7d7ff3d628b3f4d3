package io.tributary.agent.decode;

import io.tributary.model.Batch;
import java.util.List;
import java.util.Map;

/**
 * What collectd's plugin {@code mqtt} publishes: topic {@code PREFIX/HOST/PLUGIN[-INSTANCE]/TYPE[-INSTANCE]}, payload
 * {@code SECONDS:VALUE[:VALUE...]}, which it ends with a NUL. Stateless, any thread.
 */
final class CollectdDecoder implements Decoder {
    /** More than any type of collectd has. */
    private static final int VALUES_MAX = 64;

    private static final int PAYLOAD_BYTES_MAX = 4 << 10;

    private static final List<String> RECEIVED_SENT = List.of("rx", "tx");
    private static final List<String> READ_WRITTEN = List.of("read", "write");
    /** Names of values by type, as collectd's types.db has them; what has one value only needs none. */
    private static final Map<String, List<String>> VALUES = Map.ofEntries(
            Map.entry("load", List.of("shortterm", "midterm", "longterm")),
            Map.entry("if_octets", RECEIVED_SENT),
            Map.entry("if_packets", RECEIVED_SENT),
            Map.entry("if_errors", RECEIVED_SENT),
            Map.entry("if_dropped", RECEIVED_SENT),
            Map.entry("disk_octets", READ_WRITTEN),
            Map.entry("disk_ops", READ_WRITTEN),
            Map.entry("disk_time", READ_WRITTEN),
            Map.entry("disk_merged", READ_WRITTEN),
            Map.entry("disk_io_time", List.of("io_time", "weighted_io_time")),
            Map.entry("ps_cputime", List.of("user", "syst")),
            Map.entry("ps_pagefaults", List.of("minflt", "majflt")),
            Map.entry("ps_count", List.of("processes", "threads")),
            Map.entry("ps_disk_octets", READ_WRITTEN),
            Map.entry("ps_disk_ops", READ_WRITTEN));

    private final DecoderConfig.Collectd config;

    CollectdDecoder(DecoderConfig.Collectd config) {
        this.config = config;
    }

    @Override
    public Batch decode(Message message) throws MalformedException {
        String[] levels = message.address().split("/", -1);
        if (levels.length < 3) {
            throw new MalformedException("topic \"" + ValueTexts.shown(message.address())
                    + "\", expected HOST/PLUGIN/TYPE at its end, as collectd names it");
        }
        String type = levels[levels.length - 1];
        String channel = levels[levels.length - 2] + "/" + type;
        String[] parts = parts(message.payload());
        String device = config.device();
        if (device.isEmpty() && message.names().device().isEmpty()) {
            device = levels[levels.length - 3];
        }
        List<String> names = VALUES.getOrDefault(type(type), List.of());
        int values = parts.length - 1;
        try {
            Readings readings = new Readings(message.names());
            readings.row(device, Map.of(), EpochTimes.ns(parts[0], TimeFormat.S, null));
            for (int i = 0; i < values; i++) {
                String name = values == 1 ? channel : channel + "." + (names.size() == values ? names.get(i) : i);
                readings.addText(name, "", ValueKind.DOUBLE, parts[i + 1], false);
            }
            return readings.build();
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    private static String[] parts(byte[] payload) throws MalformedException {
        if (payload.length > PAYLOAD_BYTES_MAX) {
            throw new MalformedException(
                    "a payload of " + payload.length + " bytes, expected at most " + PAYLOAD_BYTES_MAX);
        }
        String text = ValueTexts.utf8(payload);
        int end = text.length();
        while (end > 0 && (text.charAt(end - 1) == 0 || text.charAt(end - 1) == '\n')) {
            end--;
        }
        String[] parts = text.substring(0, end).split(":", -1);
        if (parts.length < 2 || parts.length > VALUES_MAX + 1) {
            throw new MalformedException("\"" + ValueTexts.shown(text.substring(0, end))
                    + "\", expected seconds since 1970 and 1 to " + VALUES_MAX + " values, with colons between them");
        }
        return parts;
    }

    /** Without its instance. */
    private static String type(String level) {
        int dash = level.indexOf('-');
        return dash < 0 ? level : level.substring(0, dash);
    }
}
