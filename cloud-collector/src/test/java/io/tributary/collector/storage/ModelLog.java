package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.log.LogPosition;
import io.tributary.collector.partition.Rows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Reads the log from bookmarks of earlier moments, as subscribers do, and compares with what arrived since. */
final class ModelLog {
    private static final int BOOKMARKS = 6;

    private final StoreOracle oracle;
    private final Random random;
    private final List<Bookmark> bookmarks = new ArrayList<>();

    /** @param arrivals that had been acknowledged */
    private record Bookmark(byte[] position, long arrivals) {}

    ModelLog(StoreOracle oracle, Random random) {
        this.oracle = oracle;
        this.random = random;
    }

    void mark(TestEngine engine) {
        Bookmark mark = new Bookmark(engine.engine.log().newest().encode(), oracle.arrivals());
        if (bookmarks.size() < BOOKMARKS) {
            bookmarks.add(mark);
        } else {
            bookmarks.set(random.nextInt(BOOKMARKS), mark);
        }
    }

    void check(TestEngine engine) {
        bookmarks.removeIf(mark -> mark.arrivals < oracle.firstArrival());
        if (bookmarks.isEmpty()) {
            return;
        }
        Bookmark mark = bookmarks.get(random.nextInt(bookmarks.size()));
        Map<StoreOracle.Arrival, Integer> expected = new HashMap<>();
        oracle.arrivedSince(mark.arrivals).forEach(each -> expected.merge(each, 1, Integer::sum));
        Map<StoreOracle.Arrival, Integer> found = new HashMap<>();
        LogReader log = engine.engine.log();
        LogPosition position = LogPosition.decode(mark.position);
        for (LogEntry entry = log.next(position); entry != null; entry = log.next(position)) {
            assertThat(entry.missed()).as("records that the log has dropped").isZero();
            collect(entry, found);
            position = entry.after();
        }
        ModelChecks.same(found, expected, () -> "the log from arrival " + mark.arrivals);
    }

    private static void collect(LogEntry entry, Map<StoreOracle.Arrival, Integer> found) {
        Rows rows = Objects.requireNonNull(entry.rows());
        StoreOracle.readings(rows, (series, channel, event, edge, value, quality, sequence) -> {
            if (!entry.erased().hides(series.device(), series.channel(), event)) {
                found.merge(
                        new StoreOracle.Arrival(series, event, edge, entry.collectorTimeNs(), value, quality),
                        1,
                        Integer::sum);
            }
        });
    }
}
