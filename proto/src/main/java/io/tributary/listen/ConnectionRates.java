package io.tributary.listen;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How often an address may connect: a token bucket each, of an IPv4 address or of the 64 bits of an IPv6 address that name
 * its network. A fleet behind one router comes back at once after a power cut, hence the depth. Keeps the
 * {@value #KEPT_MAX} addresses seen last: a flood from more of them than that is for the limit over all. Any thread.
 */
public final class ConnectionRates {
    static final int KEPT_MAX = 4_096;
    /** Seconds' worth that may come at once. */
    public static final int BURST_SECONDS = 4;

    private static final double NANOS_PER_SECOND = TimeUnit.SECONDS.toNanos(1);

    private final double perSecond;
    private final double burst;
    private final LongSupplier nanoTime;
    // Guarded by this; by the address's bits, in the order in which they were seen.
    private final Map<Long, Bucket> buckets = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Bucket> eldest) {
            return size() > KEPT_MAX;
        }
    };
    private long refused;

    private static final class Bucket {
        double left;
        long nanos;
    }

    /** @param perSecond of one address, averaged */
    public ConnectionRates(int perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.burst = (double) perSecond * BURST_SECONDS;
        this.nanoTime = nanoTime;
    }

    /** One more connection. @return false when it is one too many: it should be closed before anything is made for it */
    public synchronized boolean mayConnect(InetAddress address) {
        long now = nanoTime.getAsLong();
        Bucket bucket = buckets.get(bits(address));
        if (bucket == null) {
            bucket = new Bucket();
            bucket.left = burst;
            bucket.nanos = now;
            buckets.put(bits(address), bucket);
        }
        bucket.left = Math.min(burst, bucket.left + (now - bucket.nanos) / NANOS_PER_SECOND * perSecond);
        bucket.nanos = now;
        if (bucket.left < 1) {
            refused++;
            return false;
        }
        bucket.left--;
        return true;
    }

    /** Connections that were one too many, since the start. */
    public synchronized long refused() {
        return refused;
    }

    synchronized int kept() {
        return buckets.size();
    }

    private static long bits(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet4Address ? bytes.getInt() & 0xffff_ffffL : bytes.getLong();
    }
}
