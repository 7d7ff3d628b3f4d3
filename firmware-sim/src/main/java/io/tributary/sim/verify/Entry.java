package io.tributary.sim.verify;

import io.tributary.model.ValueType;
import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;

/**
 * One reading on its way through the sorter.
 *
 * @param device number in the {@link Dictionary} of devices
 * @param channel number in the one of channels
 * @param order of acceptance, or of arrival from the collector
 * @param inDoubt whether it may be stored or not
 */
record Entry(int device, long timeNs, int channel, long order, boolean inDoubt, Value value) {
    static final Comparator<Entry> ORDER = Comparator.comparingInt(Entry::device)
            .thenComparingLong(Entry::timeNs)
            .thenComparingInt(Entry::channel)
            .thenComparingLong(Entry::order);

    private static final ValueType[] TYPES = ValueType.values();
    private static final int IN_DOUBT = 1;
    private static final int TYPE_KNOWN = 2;
    private static final int TYPE_SHIFT = 2;

    boolean sameReading(Entry other) {
        return device == other.device && timeNs == other.timeNs && channel == other.channel;
    }

    void writeTo(DataOutput out) throws IOException {
        out.writeInt(device);
        out.writeLong(timeNs);
        out.writeInt(channel);
        out.writeLong(order);
        out.writeByte((inDoubt ? IN_DOUBT : 0)
                | (value.typeKnown() ? TYPE_KNOWN : 0)
                | (value.type().ordinal() << TYPE_SHIFT));
        out.writeShort(value.quality());
        String text = value.text();
        if (text == null) {
            out.writeLong(value.bits());
        } else {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(bytes.length);
            out.write(bytes);
        }
    }

    static Entry readFrom(DataInput in) throws IOException {
        int device = in.readInt();
        long time = in.readLong();
        int channel = in.readInt();
        long order = in.readLong();
        int flags = in.readByte();
        int quality = in.readShort();
        ValueType type = TYPES[flags >> TYPE_SHIFT];
        long bits = 0;
        String text = null;
        if (type == ValueType.STRING) {
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            text = new String(bytes, StandardCharsets.UTF_8);
        } else {
            bits = in.readLong();
        }
        Value value = new Value(type, bits, text, quality, (flags & TYPE_KNOWN) != 0);
        return new Entry(device, time, channel, order, (flags & IN_DOUBT) != 0, value);
    }
}
