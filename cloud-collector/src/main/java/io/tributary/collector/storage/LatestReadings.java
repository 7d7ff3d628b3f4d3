package io.tributary.collector.storage;

import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest reading of each channel of a device, sorted by channel name, in flat arrays: a question about all devices
 * walks over them without an object per reading. Immutable; any thread.
 */
public final class LatestReadings {
    /** Event, edge and collector time, and the bits of the value. */
    private static final int CELLS = 4;

    private static final int OBJECT_BYTES = 80;
    /** A channel of which no other device has the same object. */
    private static final int CHANNEL_BYTES = 120;

    private final Channel[] channels;
    private final long[] cells;
    private final String @Nullable [] texts;
    private final byte @Nullable [] quality;
    private final boolean sharesChannels;

    private LatestReadings(
            Channel[] channels,
            boolean sharesChannels,
            long[] cells,
            String @Nullable [] texts,
            byte @Nullable [] quality) {
        this.channels = channels;
        this.sharesChannels = sharesChannels;
        this.cells = cells;
        this.texts = texts;
        this.quality = quality;
    }

    /** @param readings sorted by channel name */
    public static LatestReadings of(List<LatestReading> readings) {
        int size = readings.size();
        Channel[] channels = new Channel[size];
        long[] cells = new long[size * CELLS];
        String[] texts = null;
        byte[] quality = null;
        for (int i = 0; i < size; i++) {
            LatestReading reading = readings.get(i);
            Column value = reading.value();
            channels[i] = reading.channel();
            cells[i * CELLS] = reading.eventTimeNs();
            cells[i * CELLS + 1] = reading.edgeTimeNs();
            cells[i * CELLS + 2] = reading.collectorTimeNs();
            switch (value.type()) {
                case DOUBLE -> cells[i * CELLS + 3] = Double.doubleToRawLongBits(value.doubles()[0]);
                case LONG, BOOL -> cells[i * CELLS + 3] = value.longs()[0];
                case STRING -> {
                    texts = texts == null ? new String[size] : texts;
                    texts[i] = value.strings()[0];
                }
            }
            if (value.qualityAt(0) != Quality.GOOD) {
                quality = quality == null ? new byte[size] : quality;
                quality[i] = (byte) value.qualityAt(0);
            }
        }
        return new LatestReadings(channels, false, cells, texts, quality);
    }

    /** The same readings with their channels in another array of equal ones, which many devices share. */
    LatestReadings withChannels(Channel[] same) {
        return new LatestReadings(same, true, cells, texts, quality);
    }

    Channel[] channelArray() {
        return channels;
    }

    /** Whether another device's readings are known to be of the same channels, place by place. */
    public boolean hasChannelsOf(LatestReadings other) {
        return channels == other.channels;
    }

    public int size() {
        return channels.length;
    }

    public Channel channel(int index) {
        return channels[index];
    }

    public long eventTimeNs(int index) {
        return cells[index * CELLS];
    }

    public long edgeTimeNs(int index) {
        return cells[index * CELLS + 1];
    }

    public long collectorTimeNs(int index) {
        return cells[index * CELLS + 2];
    }

    /** A long, a bool as 0 or 1, or the raw bits of a double. */
    public long bits(int index) {
        return cells[index * CELLS + 3];
    }

    /** Null unless the channel is of {@link ValueType#STRING}. */
    public @Nullable String text(int index) {
        return texts == null ? null : texts[index];
    }

    /** A code of {@link Quality}. */
    public int quality(int index) {
        return quality == null ? Quality.GOOD : quality[index] & 0xff;
    }

    /** What it takes in memory. */
    long bytes() {
        long sum = OBJECT_BYTES + 8L * cells.length + (sharesChannels ? 0 : (long) CHANNEL_BYTES * channels.length);
        if (texts != null) {
            for (String text : texts) {
                sum += text == null ? 4 : 60 + text.length();
            }
        }
        return quality == null ? sum : sum + quality.length;
    }
}
