package io.tributary.collector.query;

import io.tributary.collector.storage.DeviceTotals;
import io.tributary.collector.storage.SeriesStats;
import io.tributary.collector.storage.SummaryReader;
import io.tributary.model.Channel;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Answers what the statistics of whole blocks can answer, device by device, in the order in which a cursor would give
 * them: the answer is the same to the last bit. All of a device, or nothing of it.
 */
final class TotalsReader {
    private final SummaryReader summaries;
    private final TimeRange range;
    private final SummaryReader.TimeSpan span;
    private final Windows windows;

    TotalsReader(SummaryReader summaries, TimeRange range, Windows windows) {
        this.summaries = summaries;
        this.range = range;
        this.span = new SummaryReader.TimeSpan(range.fromNs(), range.toNs());
        this.windows = windows;
    }

    /** Takes what a series has in a block. */
    interface Target {
        void add(Channel channel, SeriesStats stats);
    }

    /**
     * @param channels names; null for all
     * @return false when the device has to be read, and the target was told nothing
     */
    boolean readDevice(String device, @Nullable Set<String> channels, Target target) {
        DeviceTotals totals = summaries.totals(device, span);
        if (totals == null || totals.isIncomplete(range.fromNs(), range.toNs()) || !isEnough(totals, channels)) {
            return false;
        }
        for (int block = 0; block < totals.blocks(); block++) {
            for (int i = 0; i < totals.series(block); i++) {
                Channel channel = totals.channel(block, i);
                SeriesStats stats = totals.stats(block, i);
                if (isAsked(channel, channels) && stats != null && isNear(stats)) {
                    target.add(channel, stats);
                }
            }
        }
        return true;
    }

    private static boolean isAsked(Channel channel, @Nullable Set<String> channels) {
        return channels == null || channels.contains(channel.name());
    }

    private boolean isNear(SeriesStats stats) {
        return stats.firstTime() < range.toNs() && stats.lastTime() >= range.fromNs();
    }

    /** Whether every asked series of every block in the range lies in one window, and is known. */
    private boolean isEnough(DeviceTotals totals, @Nullable Set<String> channels) {
        for (int block = 0; block < totals.blocks(); block++) {
            if (!totals.overlaps(block, range.fromNs(), range.toNs())) {
                continue;
            }
            for (int i = 0; i < totals.series(block); i++) {
                if (isAsked(totals.channel(block, i), channels) && !isEnough(totals.stats(block, i))) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isEnough(@Nullable SeriesStats stats) {
        if (stats == null) {
            return false;
        }
        if (!isNear(stats)) {
            return true;
        }
        return range.contains(stats.firstTime())
                && range.contains(stats.lastTime())
                && stats.lastTime() < windows.end(windows.indexOf(stats.firstTime()));
    }
}
