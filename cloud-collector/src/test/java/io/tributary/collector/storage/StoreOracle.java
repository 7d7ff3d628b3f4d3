package io.tributary.collector.storage;

import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.PartitionRouter;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.collector.partition.Rows;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.SequenceRange;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

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

    /** A reading as subscribers see it. */
    record Arrival(Series series, long eventTime, long edgeTime, long collectorTime, Object value, int quality) {}

    private static final int ARRIVALS = 30_000;

    private record Reading(Series series, Channel channel, long eventTime, Held held) {}

    final Map<Series, TreeMap<Long, Held>> stored = new HashMap<>();
    /** By device and name, as the latest reading carried it. */
    final TreeMap<String, TreeMap<String, Channel>> channels = new TreeMap<>();

    private final Map<Origin, BitSet> known = new TreeMap<>();
    private final Map<Origin, BitSet> arrived = new HashMap<>();
    private final Map<Origin, Map<String, BitSet>> evicted = new HashMap<>();
    private final Map<Origin, Map<String, Long>> rejected = new HashMap<>();
    /** Which bucket of a series is the first that is kept; a test that lets readings expire sets it. */
    Horizon horizon = series -> Long.MIN_VALUE;

    private final List<Erased> erasures = new ArrayList<>();
    /** The newest readings that the log took, in their order; null where one was erased. */
    private final List<@Nullable Arrival> arrivals = new ArrayList<>();

    private long firstArrival;
    private long newestCollectorTime;
    /** Stored, duplicate, replaced, redelivered, expired, erased. */
    private final Map<Origin, long[]> counts = new HashMap<>();

    void append(Append append, long collectorTime) {
        newestCollectorTime = Math.max(newestCollectorTime, collectorTime);
        BitSet before = known(append.origin());
        List<Reading> readings = readings(append, collectorTime);
        long redelivered = 0;
        int first = Math.toIntExact(append.firstSequence());
        int end = Math.toIntExact(append.range().end());
        for (int s = first; s < end; s++) {
            redelivered += before.get(s) ? 1 : 0;
        }
        counts(append.origin())[3] += redelivered;
        readings.removeIf(reading -> before.get((int) reading.held.sequence));
        long newlyRejected = append.count() - redelivered - readings.size();
        readings.removeIf(this::wasErased);
        readings.forEach(this::take);
        readings.forEach(reading -> arrivals.add(new Arrival(
                reading.series,
                reading.eventTime,
                reading.held.edgeTime,
                collectorTime,
                reading.held.value,
                reading.held.quality)));
        if (arrivals.size() > 2 * ARRIVALS) {
            arrivals.subList(0, ARRIVALS).clear();
            firstArrival += ARRIVALS;
        }
        for (RejectedRows rows : append.rejections()) {
            long count = Math.min(newlyRejected, rows.readings());
            newlyRejected -= count;
            if (count > 0) {
                rejected.computeIfAbsent(append.origin(), unused -> new TreeMap<>())
                        .merge(rows.cause(), count, Long::sum);
            }
        }
        BitSet all = arrived.computeIfAbsent(append.origin(), unused -> new BitSet());
        for (int s = first; s < end; s++) {
            if (!before.get(s)) {
                before.set(s);
                all.set(s);
            }
        }
    }

    /** How many readings the log ever took. */
    long arrivals() {
        return firstArrival + arrivals.size();
    }

    /** The first that is remembered. */
    long firstArrival() {
        return firstArrival;
    }

    /** Without what was erased since. */
    List<Arrival> arrivedSince(long arrival) {
        List<Arrival> since = new ArrayList<>();
        for (Arrival each : arrivals.subList((int) (arrival - firstArrival), arrivals.size())) {
            if (each != null) {
                since.add(each);
            }
        }
        return since;
    }

    long newestCollectorTime() {
        return newestCollectorTime;
    }

    void loss(Origin origin, long first, long count, String cause) {
        counts(origin);
        BitSet lost = evicted.computeIfAbsent(origin, unused -> new TreeMap<>())
                .computeIfAbsent(cause, unused -> new BitSet());
        BitSet before = known(origin);
        for (int s = (int) first; s < first + count; s++) {
            if (!before.get(s)) {
                before.set(s);
                lost.set(s);
            }
        }
    }

    /** It was numbered before an erasure that covers it. */
    private boolean wasErased(Reading reading) {
        for (Erased erased : erasures) {
            if (reading.held.sequence < erased.ends.getOrDefault(reading.held.origin, 0L)
                    && erased.covers(reading.series, reading.eventTime)) {
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
        known.forEach((origin, set) -> ends.put(origin, (long) set.length()));
        Erased erased = new Erased(request, ends);
        erasures.add(erased);
        arrivals.replaceAll(each -> each == null || erased.covers(each.series, each.eventTime) ? null : each);
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
        readings(PartitionRouter.rows(append), (series, channel, event, edge, value, quality, sequence) -> {
            Held held = new Held(append.origin(), sequence, collectorTime, edge, value, quality);
            readings.add(new Reading(series, channel, event, held));
        });
        readings.sort(Comparator.comparingLong(reading -> reading.held.sequence));
        return readings;
    }

    interface ReadingSink {
        void take(Series series, Channel channel, long event, long edge, Object value, int quality, long sequence);
    }

    /** Every reading of a delivery or of a record of the log. */
    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    static void readings(Rows rows, ReadingSink sink) {
        for (int t = 0; t < rows.sequences().length; t++) {
            Table table = rows.batch().tables().get(t);
            int[] next = new int[table.columns().length];
            int row = 0;
            for (int run = 0; run < table.runDevice().length; run++) {
                String device =
                        rows.batch().devices().get(table.runDevice()[run]).id();
                for (int end = row + table.runLength()[run]; row < end; row++) {
                    long sequence = rows.sequences()[t][row];
                    for (int c = 0; c < next.length; c++) {
                        Column column = table.columns()[c];
                        if (column.isPresent(row)) {
                            Channel channel = rows.batch().channels().get(table.channels()[c]);
                            sink.take(
                                    new Series(device, channel.name(), channel.type()),
                                    channel,
                                    table.eventTimes()[row],
                                    table.edgeTimes()[row],
                                    bits(TestEngine.value(column, next[c])),
                                    column.qualityAt(next[c]++),
                                    sequence++);
                        }
                    }
                }
            }
        }
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
                ranges(arrived.getOrDefault(origin, new BitSet())),
                lost,
                rejected.getOrDefault(origin, Map.of()),
                count[0],
                count[1],
                count[2],
                count[4],
                count[5],
                count[3]);
    }

    BitSet known(Origin origin) {
        return known.computeIfAbsent(origin, unused -> new BitSet());
    }

    private long[] counts(Origin origin) {
        known(origin);
        return counts.computeIfAbsent(origin, unused -> new long[6]);
    }

    static List<SequenceRange> ranges(BitSet set) {
        List<SequenceRange> ranges = new ArrayList<>();
        for (int first = set.nextSetBit(0); first >= 0; ) {
            int end = set.nextClearBit(first);
            ranges.add(SequenceRange.between(first, end));
            first = set.nextSetBit(end);
        }
        return ranges;
    }
}
