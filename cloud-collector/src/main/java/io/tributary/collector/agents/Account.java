package io.tributary.collector.agents;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where the readings are that an agent gave a sequence:
 *
 * <pre>
 * accepted = stored + duplicate + replaced + expired + erased + queued + rejected + evicted
 * </pre>
 *
 * @param accepted highest next sequence told, summed over epochs
 * @param received sequences that the collector holds durably or rejected
 * @param stored readings that a query can find
 * @param duplicate same series, event time, value and quality as a stored one
 * @param replaced same series and event time as a stored one, but another value; the later one is kept
 * @param expired readings that retention took out
 * @param erased readings that somebody erased
 * @param queued sequences that are neither received nor evicted and that the agent still has
 * @param missing sequences that are neither received nor evicted and that no agent has: lost. Not a term of the equation,
 *     which therefore does not add up unless it is 0
 * @param rejected received but dead-lettered, by cause
 * @param evicted dropped by the agent, by the cause it told
 * @param redelivered readings that arrived again after they had been received: no term, absorbed by their sequence
 */
public record Account(
        long accepted,
        long received,
        long stored,
        long duplicate,
        long replaced,
        long expired,
        long erased,
        long queued,
        long missing,
        Map<String, Long> rejected,
        Map<String, Long> evicted,
        long redelivered) {
    public static final Account EMPTY = new Account(0, 0, 0, 0, 0, 0, 0, 0, 0, Map.of(), Map.of(), 0);

    public Account {
        rejected = Collections.unmodifiableMap(new TreeMap<>(rejected));
        evicted = Collections.unmodifiableMap(new TreeMap<>(evicted));
    }

    /** Of an agent of which nothing has expired or was erased. */
    public Account(
            long accepted,
            long received,
            long stored,
            long duplicate,
            long replaced,
            long queued,
            long missing,
            Map<String, Long> rejected,
            Map<String, Long> evicted,
            long redelivered) {
        this(accepted, received, stored, duplicate, replaced, 0, 0, queued, missing, rejected, evicted, redelivered);
    }

    public long rejectedTotal() {
        return total(rejected);
    }

    public long evictedTotal() {
        return total(evicted);
    }

    /** The right side of the equation. */
    public long sum() {
        return stored + duplicate + replaced + expired + erased + queued + rejectedTotal() + evictedTotal();
    }

    public boolean addsUp() {
        return accepted == sum();
    }

    public Account plus(Account other) {
        return new Account(
                accepted + other.accepted,
                received + other.received,
                stored + other.stored,
                duplicate + other.duplicate,
                replaced + other.replaced,
                expired + other.expired,
                erased + other.erased,
                queued + other.queued,
                missing + other.missing,
                merged(rejected, other.rejected),
                merged(evicted, other.evicted),
                redelivered + other.redelivered);
    }

    private static long total(Map<String, Long> counts) {
        long total = 0;
        for (long count : counts.values()) {
            total += count;
        }
        return total;
    }

    private static Map<String, Long> merged(Map<String, Long> a, Map<String, Long> b) {
        Map<String, Long> sum = new TreeMap<>(a);
        b.forEach((cause, count) -> sum.merge(cause, count, Long::sum));
        return sum;
    }
}
