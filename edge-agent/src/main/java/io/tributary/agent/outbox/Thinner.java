package io.tributary.agent.outbox;

import io.tributary.agent.process.ReadingCursor;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Names;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Replaces the readings of each series and interval by three: channel {@code c} holds the mean, {@code c.min} and {@code
 * c.max} the extremes, all at the first event time of the interval and with quality {@link Quality#UNCERTAIN_THINNED}.
 * Texts, bools, and numbers of bad quality have no mean: of them the last of the interval stays.
 *
 * <p>The type of a channel stays, so the mean of a {@code long} is rounded. A series with fewer than four readings in an
 * interval is left as it is: three would not be fewer.
 */
final class Thinner {
    private static final int WORTHWHILE = 4;

    private final long intervalNs;

    Thinner(long intervalNs) {
        this.intervalNs = intervalNs;
    }

    private record Cell(Device device, Channel channel, long interval) {}

    /** Of one series and interval: what was seen, and all of it while it is little. */
    private static final class Seen {
        private final long eventNs;
        private final long edgeNs;
        private int count;
        private int numbers;
        private double mean;
        private long minBits;
        private long maxBits;
        private long lastBits;
        private String lastText = "";
        private int lastQuality;
        private final long[] eventTimes = new long[WORTHWHILE - 1];
        private final long[] edgeTimes = new long[WORTHWHILE - 1];
        private final long[] bits = new long[WORTHWHILE - 1];
        private final String[] texts = new String[WORTHWHILE - 1];
        private final int[] qualities = new int[WORTHWHILE - 1];

        Seen(long eventNs, long edgeNs) {
            this.eventNs = eventNs;
            this.edgeNs = edgeNs;
        }

        void add(ReadingCursor at) {
            if (count < bits.length) {
                eventTimes[count] = at.eventNs();
                edgeTimes[count] = at.edgeNs();
                bits[count] = at.bits();
                texts[count] = at.text();
                qualities[count] = at.quality();
            }
            count++;
            lastBits = at.bits();
            lastText = at.text();
            lastQuality = at.quality();
            ValueType type = at.channel().type();
            boolean isNumber = (type == ValueType.DOUBLE && Double.isFinite(Double.longBitsToDouble(lastBits)))
                    || type == ValueType.LONG;
            if (!isNumber || lastQuality >= Quality.BAD) {
                return;
            }
            double value = type == ValueType.DOUBLE ? Double.longBitsToDouble(lastBits) : (double) lastBits;
            numbers++;
            mean += (value - mean) / numbers;
            if (numbers == 1 || compare(type, lastBits, minBits) < 0) {
                minBits = lastBits;
            }
            if (numbers == 1 || compare(type, lastBits, maxBits) > 0) {
                maxBits = lastBits;
            }
        }

        private static int compare(ValueType type, long a, long b) {
            return type == ValueType.DOUBLE
                    ? Double.compare(Double.longBitsToDouble(a), Double.longBitsToDouble(b))
                    : Long.compare(a, b);
        }
    }

    /** @return null when nothing of it becomes less */
    @Nullable
    Batch thin(List<Batch> run) {
        Map<Cell, Seen> cells = new LinkedHashMap<>();
        long readings = 0;
        for (Batch batch : run) {
            for (ReadingCursor each = new ReadingCursor(batch); each.next(); readings++) {
                Cell cell = new Cell(each.device(), each.channel(), Math.floorDiv(each.eventNs(), intervalNs));
                Seen seen = cells.get(cell);
                if (seen == null) {
                    seen = new Seen(each.eventNs(), each.edgeNs());
                    cells.put(cell, seen);
                }
                seen.add(each);
            }
        }
        BatchBuilder builder = new BatchBuilder();
        cells.forEach((cell, seen) -> write(builder, cell, seen));
        return builder.readingCount() < readings ? builder.build() : null;
    }

    private static void write(BatchBuilder builder, Cell cell, Seen seen) {
        Channel channel = cell.channel();
        if (seen.count < WORTHWHILE) {
            for (int i = 0; i < seen.count; i++) {
                builder.row(cell.device(), seen.eventTimes[i], seen.edgeTimes[i]);
                ReadingCursor.set(builder, channel, seen.bits[i], seen.texts[i], seen.qualities[i]);
            }
            return;
        }
        builder.row(cell.device(), seen.eventNs, seen.edgeNs);
        if (seen.numbers == 0) {
            ReadingCursor.set(builder, channel, seen.lastBits, seen.lastText, thinned(seen.lastQuality));
            return;
        }
        long mean = channel.type() == ValueType.DOUBLE ? Double.doubleToRawLongBits(seen.mean) : Math.round(seen.mean);
        ReadingCursor.set(builder, channel, mean, "", Quality.UNCERTAIN_THINNED);
        extreme(builder, channel, ".min", seen.minBits);
        extreme(builder, channel, ".max", seen.maxBits);
    }

    private static int thinned(int quality) {
        return quality >= Quality.BAD ? quality : Quality.UNCERTAIN_THINNED;
    }

    private static void extreme(BatchBuilder builder, Channel of, String suffix, long bits) {
        if (of.name().length() * 3 + suffix.length() <= Names.MAX_BYTES) {
            Channel channel = new Channel(of.name() + suffix, of.type(), of.unit());
            ReadingCursor.set(builder, channel, bits, "", Quality.UNCERTAIN_THINNED);
        }
    }
}
