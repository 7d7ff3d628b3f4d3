package io.tributary.collector.query;

import io.tributary.collector.storage.DeviceBlock;
import io.tributary.collector.storage.SeriesSlice;
import io.tributary.collector.storage.SeriesStats;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The readings of a block that a filter takes. Where the block's statistics say that all or none of a series pass, it is
 * not decoded.
 */
final class FilteredBlock implements DeviceBlock {
    private static final long[] NO_TIMES = {};

    private final DeviceBlock block;
    private final ReadingFilter filter;
    private final QueryRun run;
    private final List<Channel> channels = new ArrayList<>();
    private final int[] indexes;
    private final List<Condition> rowConditions = new ArrayList<>();
    /** Event times at which every row condition holds; null until it is known. */
    private long @Nullable [] rowTimes;

    private FilteredBlock(DeviceBlock block, ReadingFilter filter, @Nullable Set<String> asked, QueryRun run) {
        this.block = block;
        this.filter = filter;
        this.run = run;
        int[] all = new int[block.channels().size()];
        for (int i = 0; i < all.length; i++) {
            Channel channel = block.channels().get(i);
            if (asked == null || asked.contains(channel.name())) {
                all[channels.size()] = i;
                channels.add(channel);
            }
        }
        this.indexes = Arrays.copyOf(all, channels.size());
        for (Condition condition : filter.conditions()) {
            if (condition.subject() == Condition.Subject.ROW) {
                rowConditions.add(condition);
            }
        }
    }

    /** @param asked names that the answer is about; null for all */
    static DeviceBlock of(DeviceBlock block, ReadingFilter filter, @Nullable Set<String> asked, QueryRun run) {
        return filter.isNone() ? block : new FilteredBlock(block, filter, asked, run);
    }

    @Override
    public String device() {
        return block.device();
    }

    @Override
    public long firstEventTime() {
        return block.firstEventTime();
    }

    @Override
    public long lastEventTime() {
        return block.lastEventTime();
    }

    @Override
    public List<Channel> channels() {
        return channels;
    }

    @Override
    public boolean isAllGood(int channel) {
        return block.isAllGood(indexes[channel]);
    }

    @Override
    public @Nullable SeriesStats stats(int channel) {
        int index = indexes[channel];
        SeriesStats stats = block.stats(index);
        boolean qualityKnown = filter.isAnyQuality() || block.isAllGood(index) && filter.takes(0);
        if (stats == null || !rowConditions.isEmpty() || !qualityKnown) {
            return null;
        }
        for (Condition condition : filter.conditions()) {
            boolean judged = condition.isOwn(channels.get(channel).name());
            boolean isText = channels.get(channel).type() == ValueType.STRING;
            if (judged && (isText || !condition.holdsForAll(stats.min(), stats.max()))) {
                return null;
            }
        }
        return stats;
    }

    @Override
    public SeriesSlice slice(int channel) {
        int index = indexes[channel];
        Channel of = channels.get(channel);
        if (isRuledOut(index, of)) {
            run.skipped();
            return SeriesSlice.empty(of);
        }
        SeriesSlice slice = block.slice(index);
        int[] picked = new int[slice.size()];
        int count = 0;
        for (int row = 0; row < slice.size(); row++) {
            if (filter.isAnyQuality() || filter.takes(slice.values().qualityAt(row))) {
                picked[count++] = row;
            }
        }
        for (Condition condition : filter.conditions()) {
            if (condition.isOwn(of.name())) {
                count = condition.keep(slice.values(), picked, count);
            }
        }
        if (!rowConditions.isEmpty()) {
            count = keepTimes(slice.eventTimes(), picked, count, rowTimes());
        }
        run.scanned(slice.size() - count);
        return slice.pick(picked, count);
    }

    private boolean isRuledOut(int index, Channel of) {
        SeriesStats stats = of.type() == ValueType.STRING ? null : block.stats(index);
        if (stats == null) {
            return false;
        }
        for (Condition condition : filter.conditions()) {
            if (condition.isOwn(of.name()) && condition.holdsForNone(stats.min(), stats.max())) {
                return true;
            }
        }
        return false;
    }

    private static int keepTimes(long[] times, int[] picked, int count, long[] wanted) {
        int kept = 0;
        int at = 0;
        for (int i = 0; i < count; i++) {
            long time = times[picked[i]];
            while (at < wanted.length && wanted[at] < time) {
                at++;
            }
            if (at < wanted.length && wanted[at] == time) {
                picked[kept++] = picked[i];
            }
        }
        return kept;
    }

    /** Where every row condition holds; a channel that had two types counts with both. */
    private long[] rowTimes() {
        long[] times = rowTimes;
        if (times == null) {
            for (Condition condition : rowConditions) {
                long[] holding = timesOf(condition);
                times = times == null ? holding : intersection(times, holding);
            }
            times = times == null ? NO_TIMES : times;
            rowTimes = times;
        }
        return times;
    }

    private long[] timesOf(Condition condition) {
        long[] all = NO_TIMES;
        for (int i = 0; i < block.channels().size(); i++) {
            if (!block.channels().get(i).name().equals(condition.channel())) {
                continue;
            }
            SeriesSlice slice = block.slice(i);
            run.scanned(slice.size());
            Column values = slice.values();
            int[] picked = new int[slice.size()];
            Arrays.setAll(picked, row -> row);
            int count = condition.keep(values, picked, picked.length);
            int before = all.length;
            all = Arrays.copyOf(all, before + count);
            for (int k = 0; k < count; k++) {
                all[before + k] = slice.eventTimes()[picked[k]];
            }
            if (before > 0) {
                Arrays.sort(all);
            }
        }
        return all;
    }

    private static long[] intersection(long[] a, long[] b) {
        long[] both = new long[Math.min(a.length, b.length)];
        int count = 0;
        int at = 0;
        for (long time : a) {
            while (at < b.length && b[at] < time) {
                at++;
            }
            if (at < b.length && b[at] == time) {
                both[count++] = time;
            }
        }
        return Arrays.copyOf(both, count);
    }
}
