package io.tributary.access;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Token buckets: requests per token, and wrong tokens per address. Keeps the {@value #KEPT_MAX} names seen last, so that a
 * flood from many addresses does not grow it. Any thread.
 */
public final class RequestRates {
    static final int KEPT_MAX = 4_096;
    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);
    /** Tries per second and address after the first {@link #FAILURES_BURST} wrong ones. */
    private static final double FAILURES_PER_SECOND = 1;

    private static final double FAILURES_BURST = 10;

    private final double requestsPerSecond;
    private final LongSupplier nanoTime;
    // Both guarded by this.
    private final Map<String, Bucket> requests = recent();
    private final Map<String, Bucket> failures = recent();

    private static final class Bucket {
        double left;
        long nanos;
    }

    /** @param requestsPerSecond of one token; twice as many may come at once */
    public RequestRates(int requestsPerSecond, LongSupplier nanoTime) {
        this.requestsPerSecond = requestsPerSecond;
        this.nanoTime = nanoTime;
    }

    /** One more request of a token. */
    synchronized boolean mayAsk(String token) {
        Bucket bucket = filled(requests, token, requestsPerSecond, 2 * requestsPerSecond);
        if (bucket.left < 1) {
            return false;
        }
        bucket.left--;
        return true;
    }

    /** False for an address that has shown too many wrong tokens lately. */
    synchronized boolean mayTry(String address) {
        return !failures.containsKey(address)
                || filled(failures, address, FAILURES_PER_SECOND, FAILURES_BURST).left >= 1;
    }

    synchronized void failed(String address) {
        filled(failures, address, FAILURES_PER_SECOND, FAILURES_BURST).left--;
    }

    private Bucket filled(Map<String, Bucket> buckets, String name, double perSecond, double burst) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.get(name);
        if (bucket == null) {
            bucket = new Bucket();
            bucket.left = burst;
            bucket.nanos = now;
            buckets.put(name, bucket);
        }
        bucket.left = Math.min(burst, bucket.left + (now - bucket.nanos) / NANOS_PER_SECOND * perSecond);
        bucket.nanos = now;
        return bucket;
    }

    private static Map<String, Bucket> recent() {
        return new LinkedHashMap<>(16, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
                return size() > KEPT_MAX;
            }
        };
    }
}
