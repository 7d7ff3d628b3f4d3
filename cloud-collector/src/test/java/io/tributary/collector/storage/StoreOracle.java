package io.tributary.collector.storage;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the engine should hold: plain maps, one reading at a time, in the order of arrival. */
final class StoreOracle {
    record Series(String device, String channel, ValueType type) {}

    record Held(Origin origin, long sequence, long collectorTime, long edgeTime, Object value, int quality) {
        boolean same(Held other) {
            return value.equals(other.value) && quality == other.quality;
        }
    }

    final RollupOracle rollups = new RollupOracle();

    interface Horizon {
        /** Event times below are gone. */
        long of(Series series);
    }

    /** An erasure, and the end of what was known of every origin then. */
    private record Erased(ErasureRequest request, Map<Origin, Long> ends) {
        boolean covers(Series series, long eventTime) {
            return covers(request, series) && eventTime >= request.fromNs() && eventTime < request.toNs();
        }

        static boolean covers(ErasureRequest request, Series series) {
            return matches(request.patterns(), request.device(), series.device())
                    && (request.channels().isEmpty()
                            || request.channels().stream()
                                    .anyMatch(name -> matches(request.patterns(), name, series.channel())));
        }

        private static boolean matches(boolean pattern, String wanted, String name) {
            return pattern ? new Glob(wanted).matches(name) : wanted.equals(name);
        }
    }

    private record Reading(Series series, Channel channel, long eventTime, Held held) {}

    final Map<Series, TreeMap<Long, Held>> stored = new HashMap<>();
    /** By device and name, as the latest reading carried it. */
    final TreeMap<String, TreeMap<String, Channel>> channels = new TreeMap<>();

    private final Map<Origin, TreeSet<Long>> known = new TreeMap<>();
    private final Map<Origin, TreeSet<Long>> arrived = new HashMap<>();
    private final Map<Origin, Map<String, TreeSet<Long>>> evicted = new HashMap<>();
    private final Map<Origin, Map<String, Long>> rejected = new HashMap<>();
    /** Which bucket of a series is the first that is kept; a test that lets readings expire sets it. */
    Horizon horizon = series -> Long.MIN_VALUE;

    private final List<Erased> erasures = new ArrayList<>();
    /** Stored, duplicate, replaced, redelivered, expired, erased. */
    private final Map<Origin, long[]> counts = new HashMap<>();

    void append(Append append, long collectorTime) {
        TreeSet<Long> before = known(append.origin());
        List<Reading> readings = readings(append, collectorTime);
        long redelivered = 0;
        for (long s = append.firstSequence(); s < append.range().end(); s++) {
            redelivered += before.contains(s) ? 1 : 0;
        }
        counts(append.origin())[3] += redelivered;
        readings.removeIf(reading -> before.contains(reading.held.sequence));
        long newlyRejected = append.count() - redelivered - readings.size();
        readings.removeIf(this::wasErased);
        readings.forEach(this::take);
        for (RejectedRows rows : append.rejections()) {
            long count = Math.min(newlyRejected, rows.readings());
            newlyRejected -= count;
            if (count > 0) {
                rejected.computeIfAbsent(append.origin(), unused -> new TreeMap<>())
                        .merge(rows.cause(), count, Long::sum);
            }
        }
        for (long s = append.firstSequence(); s < append.range().end(); s++) {
            if (before.add(s)) {
                arrived.computeIfAbsent(append.origin(), unused -> new TreeSet<>())
                        .add(s);
            }
        }
    }

    void loss(Origin origin, long first, long count, String cause) {
        counts(origin);
        TreeSet<Long> lost = evicted.computeIfAbsent(origin, unused -> new TreeMap<>())
                .computeIfAbsent(cause, unused -> new TreeSet<>());
        for (long s = first; s < first + count; s++) {
            if (known(origin).add(s)) {
                lost.add(s);
            }
        }
    }

    /** It was numbered before an erasure that covers it. */
    private boolean wasErased(Reading reading) {
        for (Erased erased : erasures) {
            if (erased.covers(reading.series, reading.eventTime)
                    && reading.held.sequence < erased.ends.getOrDefault(reading.held.origin, 0L)) {
                rejected.computeIfAbsent(reading.held.origin, unused -> new TreeMap<>())
                        .merge("erased", 1L, Long::sum);
                return true;
            }
        }
        return false;
    }

    /** @return how many stored readings went */
    long erase(ErasureRequest request) {
        Map<Origin, Long> ends = new HashMap<>();
        known.forEach((origin, set) -> ends.put(origin, set.isEmpty() ? 0 : set.last() + 1));
        erasures.add(new Erased(request, ends));
        long before = total(5);
        stored.forEach((series, held) -> {
            if (Erased.covers(request, series)) {
                remove(held.subMap(request.fromNs(), request.toNs()), 5);
            }
        });
        for (Series series : rollups.series()) {
            if (Erased.covers(request, series)) {
                rollups.erase(series, request.fromNs(), request.toNs());
            }
        }
        stored.values().removeIf(TreeMap::isEmpty);
        return total(5) - before;
    }

    /** Takes out what is below the horizon. */
    void expire() {
        stored.forEach((series, held) -> {
            rollups.expire(series, held.headMap(horizon.of(series)));
            remove(held.headMap(horizon.of(series)), 4);
        });
        stored.values().removeIf(TreeMap::isEmpty);
    }

    private void remove(Map<Long, Held> some, int term) {
        some.values().forEach(held -> {
            counts(held.origin)[0]--;
            counts(held.origin)[term]++;
        });
        some.clear();
    }

    private long total(int term) {
        return counts.values().stream().mapToLong(count -> count[term]).sum();
    }

    private void take(Reading reading) {
        channels.computeIfAbsent(reading.series.device(), unused -> new TreeMap<>())
                .put(reading.channel.name(), reading.channel);
        if (reading.eventTime < horizon.of(reading.series)) {
            counts(reading.held.origin)[4]++;
            return;
        }
        TreeMap<Long, Held> series = stored.computeIfAbsent(reading.series, unused -> new TreeMap<>());
        Held next = reading.held;
        Held holder = series.get(reading.eventTime);
        counts(next.origin)[0]++;
        if (holder == null) {
            series.put(reading.eventTime, next);
            return;
        }
        boolean wins;
        if (!next.origin.agent().equals(holder.origin.agent())) {
            wins = next.collectorTime >= holder.collectorTime;
        } else if (next.origin.epoch() != holder.origin.epoch()) {
            wins = next.origin.epoch() > holder.origin.epoch();
        } else {
            wins = next.sequence > holder.sequence;
        }
        Held loser = wins ? holder : next;
        counts(loser.origin)[0]--;
        counts(loser.origin)[next.same(holder) ? 1 : 2]++;
        if (wins) {
            series.put(reading.eventTime, next);
        }
    }

    private static List<Reading> readings(Append append, long collectorTime) {
        List<Reading> readings = new ArrayList<>();
        long[][] sequences = PartitionRouter.rows(append).sequences();
        for (int t = 0; t < sequences.length; t++) {
            Table table = append.batch().tables().get(t);
            int[] next = new int[table.columns().length];
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                String device =
                        append.batch().devices().get(table.runDevice()[run]).id();
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    long sequence = sequences[t][row];
                    for (int c = 0; c < next.length; c++) {
                        Column column = table.columns()[c];
                        if (column.isPresent(row)) {
                            Channel channel = append.batch().channels().get(table.channels()[c]);
                            Held held = new Held(
                                    append.origin(),
                                    sequence++,
                                    collectorTime,
                                    table.edgeTimes()[row],
                                    bits(TestEngine.value(column, next[c])),
                                    column.qualityAt(next[c]++));
                            readings.add(new Reading(
                                    new Series(device, channel.name(), channel.type()),
                                    channel,
                                    table.eventTimes()[row],
                                    held));
                        }
                    }
                }
            }
        }
        readings.sort(Comparator.comparingLong(reading -> reading.held.sequence));
        return readings;
    }

    static Object bits(Object value) {
        return value instanceof Double number ? (Object) Double.doubleToRawLongBits(number) : value;
    }

    Iterable<Origin> origins() {
        return known.keySet();
    }

    OriginAccount account(Origin origin) {
        Map<String, List<SequenceRange>> lost = new TreeMap<>();
        evicted.getOrDefault(origin, Map.of()).forEach((cause, set) -> {
            if (!set.isEmpty()) {
                lost.put(cause, ranges(set));
            }
        });
        long[] count = counts(origin);
        return new OriginAccount(
                ranges(arrived.getOrDefault(origin, new TreeSet<>())),
                lost,
                rejected.getOrDefault(origin, Map.of()),
                count[0],
                count[1],
                count[2],
                count[4],
                count[5],
                count[3]);
    }

    TreeSet<Long> known(Origin origin) {
        return known.computeIfAbsent(origin, unused -> new TreeSet<>());
    }

    private long[] counts(Origin origin) {
        known(origin);
        return counts.computeIfAbsent(origin, unused -> new long[6]);
    }

    static List<SequenceRange> ranges(TreeSet<Long> set) {
        List<SequenceRange> ranges = new ArrayList<>();
        long first = -1;
        long end = -1;
        for (long s : set) {
            if (s != end) {
                if (end > first) {
                    ranges.add(SequenceRange.between(first, end));
                }
                first = s;
            }
            end = s + 1;
        }
        if (end > first) {
            ranges.add(SequenceRange.between(first, end));
        }
        return ranges;
    }
}
