package io.tributary.collector.account;

import io.tributary.model.SequenceRange;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The account of one origin, in readings:
 *
 * <pre>
 * sum of received = stored + duplicate + replaced + sum of rejected + expired + erased
 * </pre>
 *
 * @param received disjoint, ascending; without evicted ranges
 * @param evicted what the agent reported as lost, by cause; disjoint with {@code received}
 * @param rejected received but dead-lettered, by cause
 * @param stored what a query finds
 * @param duplicate same series and event time as a stored one, same value and quality
 * @param replaced readings that lost against another value of the same series and event time, or made it lose
 * @param expired readings that retention took out, or did not let in any more
 * @param erased readings that were stored until somebody erased them
 * @param redelivered readings that arrived again after they had been received; no term of the sum
 */
public record OriginAccount(
        List<SequenceRange> received,
        Map<String, List<SequenceRange>> evicted,
        Map<String, Long> rejected,
        long stored,
        long duplicate,
        long replaced,
        long expired,
        long erased,
        long redelivered) {
    public static final OriginAccount EMPTY = new OriginAccount(List.of(), Map.of(), Map.of(), 0, 0, 0, 0, 0, 0);

    public OriginAccount {
        received = List.copyOf(received);
        evicted = Collections.unmodifiableMap(new TreeMap<>(evicted));
        rejected = Collections.unmodifiableMap(new TreeMap<>(rejected));
    }

    /** Of an origin of which nothing has expired or was erased. */
    public OriginAccount(
            List<SequenceRange> received,
            Map<String, List<SequenceRange>> evicted,
            Map<String, Long> rejected,
            long stored,
            long duplicate,
            long replaced,
            long redelivered) {
        this(received, evicted, rejected, stored, duplicate, replaced, 0, 0, redelivered);
    }

    public long receivedReadings() {
        return received.stream().mapToLong(SequenceRange::count).sum();
    }

    public long rejectedReadings() {
        return rejected.values().stream().mapToLong(Long::longValue).sum();
    }
}
