package io.tributary.agent.decode;

import io.tributary.config.Default;
import io.tributary.config.TypeName;
import io.tributary.model.Channel;
import io.tributary.model.Names;
import io.tributary.model.ValueType;

/** How a source's payloads are read, section {@code decode} of a source; README.md describes each type. */
public sealed interface DecoderConfig
        permits JsonConfig,
                CsvConfig,
                SenmlConfig,
                SparkplugConfig,
                DecoderConfig.Plain,
                DecoderConfig.Collectd,
                DecoderConfig.Lines,
                DecoderConfig.Frames {
    /** A decoder of its own for one source. */
    Decoder open(DecoderContext context);

    /**
     * One number, bool or text.
     *
     * @param value what it becomes; {@code auto}: by its looks, every number a double
     * @param device who it is of when the address names no device
     * @param channel its name when the address names none
     */
    @TypeName("plain")
    record Plain(
            @Default("auto") ValueKind value,
            @Default("\"\"") String device,
            @Default("value") String channel,
            @Default("\"\"") String unit)
            implements DecoderConfig {
        public Plain {
            checkDevice(device);
            new Channel(channel, ValueType.DOUBLE, unit);
        }

        @Override
        public Decoder open(DecoderContext context) {
            return new PlainDecoder(this);
        }
    }

    /**
     * What collectd publishes over MQTT.
     *
     * @param device who all readings are of; empty: the host in the topic
     */
    @TypeName("collectd")
    record Collectd(@Default("\"\"") String device) implements DecoderConfig {
        public Collectd {
            checkDevice(device);
        }

        @Override
        public Decoder open(DecoderContext context) {
            return new CollectdDecoder(this);
        }
    }

    /** InfluxDB line protocol, any number of lines. */
    @TypeName("line")
    record Lines(LineMapping mapping) implements DecoderConfig {
        @Override
        public Decoder open(DecoderContext context) {
            return new LineDecoder(mapping);
        }
    }

    /** One frame of frame.proto, without the length that TCP needs before it. */
    @TypeName("frame")
    record Frames() implements DecoderConfig {
        @Override
        public Decoder open(DecoderContext context) {
            return new FrameDecoder();
        }
    }

    private static void checkDevice(String device) {
        if (!device.isEmpty()) {
            Names.check("device", device);
        }
    }
}
