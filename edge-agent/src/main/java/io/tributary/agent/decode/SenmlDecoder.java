package io.tributary.agent.decode;

import io.tributary.agent.clock.Clock;
import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.math.BigDecimal;
import java.util.Map;

/**
 * SenML packs. Numbers become doubles, data stays text in base64url; the update time is checked and says nothing about
 * a reading. Any thread.
 */
final class SenmlDecoder implements Decoder {
    static final int PAYLOAD_BYTES_MAX = 1 << 20;
    private static final String SEPARATORS = ":./-_";

    private final SenmlMapping mapping;
    private final Clock clock;
    private final SenmlReader.Opener opener;

    SenmlDecoder(SenmlMapping mapping, DecoderContext context, SenmlReader.Opener opener) {
        this.mapping = mapping;
        this.clock = context.clock();
        this.opener = opener;
    }

    @Override
    public Batch decode(Message message) throws MalformedException {
        if (message.payload().length > PAYLOAD_BYTES_MAX) {
            throw new MalformedException(
                    "a payload of " + message.payload().length + " bytes, expected at most " + PAYLOAD_BYTES_MAX);
        }
        SenmlReader reader = opener.open(message.payload());
        SenmlPack pack = new SenmlPack(clock.wallNs());
        SenmlRecord record = new SenmlRecord();
        Readings readings = new Readings(message.names());
        int number = 0;
        try {
            while (reader.next(record)) {
                number++;
                SenmlPack.Resolved resolved = pack.resolve(record);
                if (resolved != null) {
                    add(readings, message.names(), resolved);
                }
            }
        } catch (MalformedException | IllegalArgumentException e) {
            throw new MalformedException("behind record " + number + ": " + e.getMessage());
        }
        if (number == 0) {
            throw new MalformedException("a pack without records, expected at least one");
        }
        return readings.build();
    }

    private void add(Readings readings, Message.Names names, SenmlPack.Resolved record) throws MalformedException {
        String device;
        String channel;
        String base = record.baseName();
        if (mapping.device() == SenmlMapping.Part.WHOLE) {
            device = record.name();
            channel = "";
        } else if (mapping.device() == SenmlMapping.Part.LAST_SEPARATOR) {
            int at = lastSeparator(record.name());
            device = at < 0 ? record.name() : record.name().substring(0, at);
            channel = at < 0 ? "" : record.name().substring(at + 1);
        } else if (!names.device().isEmpty()) {
            device = "";
            channel = base.isEmpty() ? record.name() : record.name().substring(base.length());
        } else {
            device = base.isEmpty() ? record.name() : withoutSeparator(base);
            channel = base.isEmpty() ? "" : record.name().substring(base.length());
        }
        if (channel.isEmpty()) {
            channel = names.channel().isEmpty() ? mapping.channel() : names.channel();
            channel = record.unitOfItsOwn() ? channel + "." + record.unit() : channel;
        }
        readings.row(device, Map.of(), record.timeNs());
        addValues(readings, channel, record);
    }

    private static int lastSeparator(String name) {
        for (int i = name.length() - 2; i > 0; i--) {
            if (SEPARATORS.indexOf(name.charAt(i)) >= 0) {
                return i;
            }
        }
        return -1;
    }

    private static String withoutSeparator(String base) {
        int last = base.length() - 1;
        return last > 0 && SEPARATORS.indexOf(base.charAt(last)) >= 0 ? base.substring(0, last) : base;
    }

    private void addValues(Readings readings, String channel, SenmlPack.Resolved record) throws MalformedException {
        String unit = record.unit();
        BigDecimal value = record.value();
        BigDecimal sum = record.sum();
        String text = record.text() == null ? record.data() : record.text();
        if (value != null) {
            readings.add(new Channel(channel, ValueType.DOUBLE, unit), finite(value), Quality.GOOD);
        } else if (text != null) {
            readings.add(new Channel(channel, ValueType.STRING, unit), text, Quality.GOOD);
        } else if (record.bool() != null) {
            readings.add(new Channel(channel, ValueType.BOOL, unit), record.bool(), Quality.GOOD);
        }
        if (sum != null) {
            readings.add(new Channel(channel + mapping.sumSuffix(), ValueType.DOUBLE, ""), finite(sum), Quality.GOOD);
        }
    }

    private static double finite(BigDecimal number) throws MalformedException {
        double value = number.doubleValue();
        if (!Double.isFinite(value)) {
            throw new MalformedException("a sum beyond the range of doubles");
        }
        return value;
    }
}
