package io.tributary.collector.query;

import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.Predicate;

/** What one query has cost so far. Used by the one thread that answers it; each check may end the query. */
public final class QueryRun {
    private final QueryLimits limits;
    private final LongSupplier nanoTime;
    private final BooleanSupplier cancelled;
    private final long startNanos;
    private long readings;
    private long headers;
    private long decoded;
    private final Predicate<String> scope;
    private long skipped;
    private long kept;

    QueryRun(QueryLimits limits, LongSupplier nanoTime, Predicate<String> scope, BooleanSupplier cancelled) {
        this.scope = scope;
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.cancelled = cancelled;
        this.startNanos = nanoTime.getAsLong();
    }

    QueryLimits limits() {
        return limits;
    }

    /** Whether whoever asks may know of a device. */
    boolean maySee(String device) {
        return scope.test(device);
    }

    /** Asked at every block and device. */
    void check() {
        if (cancelled.getAsBoolean()) {
            throw new QueryException(QueryException.Kind.CANCELLED, "the client went away");
        }
        if (nanoTime.getAsLong() - startNanos > limits.timeMax().toNanos()) {
            throw QueryException.tooLarge("the query took longer than "
                    + limits.timeMax().toMillis()
                    + " ms after " + readings + " readings; ask for fewer devices or channels, a shorter time range, or"
                    + " a limit");
        }
    }

    void scanned(long count) {
        readings += count;
        if (readings > limits.readingsMax()) {
            throw QueryException.tooLarge("the query reads more than " + limits.readingsMax()
                    + " readings; ask for fewer devices or channels, a shorter time range, or a limit");
        }
    }

    void answeredFromHeader() {
        headers++;
    }

    void decoded() {
        decoded++;
    }

    /** A filter ruled a series of a block out by its statistics. */
    void skipped() {
        skipped++;
    }

    /** @param values kept from here on to take percentiles of; negative when they are released */
    void keep(long values) {
        kept += values;
        if (kept > limits.percentileValuesMax()) {
            throw QueryException.tooLarge("percentiles need more than " + limits.percentileValuesMax()
                    + " values at the same time; ask for fewer devices or channels, a shorter time range, or"
                    + " group=device, which is given out device by device");
        }
    }

    /**
     * Called by whoever writes the answer.
     *
     * @param bytes written so far, before compression
     */
    public void written(long bytes) {
        if (bytes > limits.bytesMax().bytes()) {
            throw QueryException.tooLarge(
                    "the answer is longer than " + limits.bytesMax()
                            + "; ask for fewer devices or channels, a shorter time range, or a limit and then for the next page");
        }
    }

    /** Readings decoded. */
    public long readings() {
        return readings;
    }

    /** Series of blocks that were answered without decoding them. */
    public long headers() {
        return headers;
    }

    /** Series of blocks that had to be decoded. */
    public long decodedSeries() {
        return decoded;
    }

    /** Series of blocks that no reading of could pass the filter. */
    public long skippedSeries() {
        return skipped;
    }

    long elapsedNanos() {
        return nanoTime.getAsLong() - startNanos;
    }
}
