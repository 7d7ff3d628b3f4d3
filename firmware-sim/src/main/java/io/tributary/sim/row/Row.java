package io.tributary.sim.row;

import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Values of several channels of one device at one event time, in primitive arrays: a replay moves millions of them.
 * Immutable once built.
 */
public final class Row {
    private final Device device;
    private final long eventTimeNs;
    private final Channel[] channels;
    private final long[] bits;
    private final @Nullable String @Nullable [] texts;
    private final byte @Nullable [] qualities;
    private final int size;

    private Row(Builder builder, long eventTimeNs) {
        this.device = builder.device;
        this.eventTimeNs = eventTimeNs;
        this.channels = builder.channels;
        this.bits = builder.bits;
        this.texts = builder.texts;
        this.qualities = builder.qualities;
        this.size = builder.size;
    }

    private Row(Row other, long eventTimeNs) {
        this.device = other.device;
        this.eventTimeNs = eventTimeNs;
        this.channels = other.channels;
        this.bits = other.bits;
        this.texts = other.texts;
        this.qualities = other.qualities;
        this.size = other.size;
    }

    /** @param capacity how many values are expected */
    public static Builder builder(Device device, long eventTimeNs, int capacity) {
        return new Builder(device, eventTimeNs, capacity);
    }

    public Device device() {
        return device;
    }

    /** ns since the epoch. */
    public long eventTimeNs() {
        return eventTimeNs;
    }

    /** Number of values, each a reading. */
    public int size() {
        return size;
    }

    public Channel channel(int index) {
        return channels[Objects.checkIndex(index, size)];
    }

    /** A double's raw bits, a long, or 0 and 1 for a bool; 0 for a string. */
    public long bits(int index) {
        return bits[Objects.checkIndex(index, size)];
    }

    public double doubleValue(int index) {
        return Double.longBitsToDouble(bits(index));
    }

    /** The value of a string channel. */
    public String text(int index) {
        return Objects.requireNonNull(texts)[Objects.checkIndex(index, size)];
    }

    /** A code of {@link Quality}. */
    public int quality(int index) {
        return qualities == null ? Quality.GOOD : qualities[Objects.checkIndex(index, size)] & 0xff;
    }

    /** The value boxed by its type; for messages and tests. */
    public Object value(int index) {
        return switch (channel(index).type()) {
            case DOUBLE -> doubleValue(index);
            case LONG -> bits(index);
            case BOOL -> bits(index) != 0;
            case STRING -> text(index);
        };
    }

    /** The same values at another time. */
    public Row at(long newEventTimeNs) {
        return newEventTimeNs == eventTimeNs ? this : new Row(this, newEventTimeNs);
    }

    /** What the row takes on the wire, roughly: bounds frames before they are encoded. */
    public int estimatedBytes() {
        int bytes = device.id().length() + 24;
        for (int i = 0; i < size; i++) {
            bytes += channels[i].name().length() + channels[i].unit().length() + 16;
            if (channels[i].type() == ValueType.STRING) {
                bytes += 3 * text(i).length();
            }
        }
        return bytes;
    }

    @Override
    public String toString() {
        StringBuilder out = new StringBuilder(device.id()).append('@').append(eventTimeNs);
        for (int i = 0; i < size; i++) {
            out.append(' ').append(channels[i].name()).append('=').append(value(i));
        }
        return out.toString();
    }

    /** Collects the values of one row. Not thread-safe; usable once. */
    public static final class Builder {
        private final Device device;
        private final long eventTimeNs;
        private Channel[] channels;
        private long[] bits;
        private @Nullable String @Nullable [] texts;
        private byte @Nullable [] qualities;
        private int size;

        private Builder(Device device, long eventTimeNs, int capacity) {
            this.device = device;
            this.eventTimeNs = eventTimeNs;
            this.channels = new Channel[Math.max(1, capacity)];
            this.bits = new long[channels.length];
        }

        public Builder add(Channel channel, double value) {
            expect(channel, ValueType.DOUBLE);
            return add(channel, Double.doubleToRawLongBits(value), null, Quality.GOOD);
        }

        public Builder add(Channel channel, long value) {
            expect(channel, ValueType.LONG);
            return add(channel, value, null, Quality.GOOD);
        }

        public Builder add(Channel channel, boolean value) {
            expect(channel, ValueType.BOOL);
            return add(channel, value ? 1 : 0, null, Quality.GOOD);
        }

        public Builder add(Channel channel, String value) {
            expect(channel, ValueType.STRING);
            return add(channel, 0, value, Quality.GOOD);
        }

        /**
         * Adds a value in its raw form.
         *
         * @param bits as {@link Row#bits}
         * @param text of a string channel, else null
         */
        public Builder add(Channel channel, long bits, @Nullable String text, int quality) {
            if ((text != null) != (channel.type() == ValueType.STRING)) {
                throw new IllegalArgumentException("text \"" + text + "\" for channel " + channel);
            }
            if (quality < 0 || quality > Quality.MAX) {
                throw new IllegalArgumentException("quality " + quality + ", expected 0 to " + Quality.MAX);
            }
            if (size == channels.length) {
                grow();
            }
            channels[size] = channel;
            this.bits[size] = bits;
            if (text != null) {
                texts = texts == null ? new String[channels.length] : texts;
                texts[size] = text;
            }
            if (quality != Quality.GOOD) {
                qualities = qualities == null ? new byte[channels.length] : qualities;
                qualities[size] = (byte) quality;
            }
            size++;
            return this;
        }

        public int size() {
            return size;
        }

        public Row build() {
            return new Row(this, eventTimeNs);
        }

        private void grow() {
            int capacity = size * 2;
            channels = Arrays.copyOf(channels, capacity);
            bits = Arrays.copyOf(bits, capacity);
            texts = texts == null ? null : Arrays.copyOf(texts, capacity);
            qualities = qualities == null ? null : Arrays.copyOf(qualities, capacity);
        }

        private static void expect(Channel channel, ValueType type) {
            if (channel.type() != type) {
                throw new IllegalArgumentException("a value of type " + type + " for channel " + channel);
            }
        }
    }
}
