package io.tributary.collector.ingest;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLongArray;
import org.jspecify.annotations.Nullable;

/**
 * Stamps each message of a stream on the network thread, when its last byte has arrived. A clock probe would otherwise
 * be stamped only after the deliveries before it in the stream have been decoded, and their decoding time would count as
 * time on the wire.
 */
final class ArrivalTracer extends ServerStreamTracer {
    /** More than the messages a stream ever requests at a time. */
    private static final int RING = 8;

    private static final Context.Key<ArrivalTracer> KEY = Context.key("tributary-arrivals");

    private final InstantSource clock;
    private final AtomicLongArray stamps = new AtomicLongArray(RING);

    private ArrivalTracer(InstantSource clock) {
        this.clock = clock;
    }

    static ServerStreamTracer.Factory factory(InstantSource clock) {
        return new ServerStreamTracer.Factory() {
            @Override
            public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
                return new ArrivalTracer(clock);
            }
        };
    }

    /** The tracer of the call that this thread is serving; null without the factory in the server. */
    static @Nullable ArrivalTracer current() {
        return KEY.get();
    }

    @Override
    public Context filterContext(Context context) {
        return context.withValue(KEY, this);
    }

    @Override
    public void inboundMessageRead(int seqNo, long optionalWireSize, long optionalUncompressedSize) {
        stamps.set(seqNo & (RING - 1), EpochNanos.of(clock.instant()));
    }

    /** @param message its index in the stream, from 0 */
    long arrivalTimeNs(int message) {
        return stamps.get(message & (RING - 1));
    }
}
