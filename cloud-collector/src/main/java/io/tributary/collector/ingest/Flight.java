package io.tributary.collector.ingest;

import io.grpc.Status;
import io.tributary.collector.partition.AppendCallback;
import io.tributary.collector.partition.Origin;
import io.tributary.model.SequenceRange;
import io.tributary.proto.v1.Rejection;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A delivery or a loss from its arrival until it is durable. It departs when the memory budget has room for it, is
 * decoded and checked only then, and lands exactly once, acknowledged or not.
 *
 * <pre>
 * arrived -> [budget full: waits] -> checked -> [writer full: tries again] -> with the writer -> durable | failed
 * </pre>
 *
 * While it waits its stream asks for nothing more.
 */
final class Flight implements AppendCallback {
    private static final Logger LOG = LoggerFactory.getLogger(Flight.class);
    /** What a loss counts against credit and budget, as deliveries count their bytes. */
    private static final long LOSS_BYTES = 512;

    private final IngestParts parts;
    private final AgentStream stream;
    private final @Nullable Runnable acknowledgement;
    private final SequenceRange range;
    private final long creditBytes;
    private final long costBytes;
    /** Decodes and checks; what it returns hands over to the writer, false when that is full. */
    private final Function<Flight, BooleanSupplier> preparation;

    private final long departedNanos;
    /** Written before the flight is handed to the writer, read in its callback. */
    private List<Rejection> rejections = List.of();

    private long arrivalTimeNs;
    private long rows;

    private Flight(
            IngestParts parts,
            AgentStream stream,
            @Nullable Runnable acknowledgement,
            SequenceRange range,
            long creditBytes,
            long costBytes,
            Function<Flight, BooleanSupplier> preparation) {
        this.parts = parts;
        this.stream = stream;
        this.acknowledgement = acknowledgement;
        this.range = range;
        this.creditBytes = creditBytes;
        this.costBytes = costBytes;
        this.preparation = preparation;
        this.departedNanos = parts.nanoTime().getAsLong();
    }

    static Flight of(IngestParts parts, AgentStream stream, Origin origin, Arrival arrival, SeriesLimits limits) {
        return new Flight(parts, stream, null, arrival.range(), arrival.bytes().length, arrival.costBytes(), flight -> {
            CheckedDelivery checked = parts.check().check(origin, arrival, limits);
            flight.rejections = checked.rejections();
            flight.arrivalTimeNs = arrival.timeNs();
            flight.rows = checked.rows();
            return () -> parts.writer().append(checked.append(), flight);
        });
    }

    static Flight of(IngestParts parts, AgentStream stream, Origin origin, SequenceRange range, String cause) {
        return of(parts, stream, origin, range, cause, null);
    }

    /** @param acknowledge how it is acknowledged; null: as a range of the session */
    static Flight of(
            IngestParts parts,
            AgentStream stream,
            Origin origin,
            SequenceRange range,
            String cause,
            @Nullable Runnable acknowledge) {
        return new Flight(
                parts,
                stream,
                acknowledge,
                range,
                LOSS_BYTES,
                LOSS_BYTES,
                flight -> () -> parts.writer().recordLoss(origin, range.first(), range.count(), cause, flight));
    }

    /** @return true when it is with the writer; false when the stream is told later to go on */
    boolean depart() {
        stream.departed(creditBytes);
        return parts.budget().acquire(costBytes, () -> parts.executor().execute(this::departLate)) && handOver();
    }

    private void departLate() {
        if (handOver()) {
            stream.requestNext();
        }
    }

    private boolean handOver() {
        if (stream.isEnded()) {
            land();
            return false;
        }
        try {
            BooleanSupplier append = preparation.apply(this);
            if (append.getAsBoolean()) {
                return true;
            }
            parts.retries().add(() -> tryAgain(append));
        } catch (RuntimeException e) {
            fault(e);
        }
        return false;
    }

    private void tryAgain(BooleanSupplier append) {
        if (stream.isEnded()) {
            land();
            return;
        }
        try {
            if (append.getAsBoolean()) {
                stream.requestNext();
            } else {
                parts.retries().add(() -> tryAgain(append));
            }
        } catch (RuntimeException e) {
            fault(e);
        }
    }

    private void fault(RuntimeException e) {
        LOG.error("BUG: sequences {} could not be handed to the writer", range, e);
        land();
        stream.fail(Status.INTERNAL.withDescription("fault of the collector, see its log"));
    }

    @Override
    public void durable(long collectorTimeNs) {
        parts.health().succeeded();
        IngestMetrics metrics = parts.metrics();
        if (rows > 0) {
            metrics.collectorToStored.record(EpochNanos.of(parts.clock().instant()) - arrivalTimeNs, rows);
        }
        metrics.acknowledgement.record(parts.nanoTime().getAsLong() - departedNanos, 1);
        if (acknowledgement == null) {
            stream.acknowledge(range, rejections, collectorTimeNs);
        } else {
            acknowledgement.run();
        }
        land();
    }

    @Override
    public void failed(Throwable cause) {
        parts.health().failed(cause, parts.nanoTime().getAsLong());
        parts.metrics().writeFailures.inc();
        LOG.warn("sequences {} were not stored and not acknowledged: {}", range, cause.toString());
        stream.finish(parts.retryAfter(new Refusal("storage", "storage cannot write")));
        land();
    }

    private void land() {
        stream.landed(creditBytes);
        parts.budget().release(costBytes);
        parts.retries().run();
    }
}
