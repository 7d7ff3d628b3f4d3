package io.tributary.collector.ingest;

import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.KnownDevices;
import io.tributary.model.Table;
import io.tributary.proto.v1.Rejection;
import java.util.List;

/**
 * Decodes a delivery and decides what of it may be stored: everything (nearly always, and then its bytes are kept as
 * they came), some rows, or nothing. Whatever the bytes are, the answer is something that the writer can make durable:
 * no delivery can stop the line. Any thread.
 */
final class DeliveryCheck {
    private static final Batch NOTHING = new Batch(List.of(), List.of(), List.of());

    private final BatchLimits limits;
    private final long futureToleranceNs;
    private final IngestMetrics metrics;
    private final KnownDevices known = new KnownDevices();

    DeliveryCheck(IngestOptions options, IngestMetrics metrics) {
        this.limits = options.batchLimits();
        this.futureToleranceNs = options.futureTolerance().toNanos();
        this.metrics = metrics;
    }

    CheckedDelivery check(Origin origin, Arrival arrival, SeriesLimits series) {
        if (arrival.fault() != null) {
            return rejected(origin, arrival, Causes.UNDECODABLE_BATCH, arrival.fault());
        }
        if (arrival.envelopeCount() != arrival.range().count()) {
            return rejected(
                    origin,
                    arrival,
                    Causes.COUNT_MISMATCH,
                    "the envelope counts " + arrival.envelopeCount() + " readings, expected "
                            + arrival.range().count() + " as the outbox does");
        }
        Batch batch;
        try {
            batch = BatchCodec.decodeToKeep(arrival.bytes(), limits, known);
        } catch (InvalidBatchException e) {
            return rejected(origin, arrival, Causes.UNDECODABLE_BATCH, String.valueOf(e.getMessage()));
        }
        long content = batch.readingCount();
        if (content != arrival.envelopeCount()) {
            return rejected(
                    origin,
                    arrival,
                    Causes.COUNT_MISMATCH,
                    "the batch holds " + content + " readings, expected " + arrival.envelopeCount()
                            + " as its envelope says");
        }
        recordLags(batch, arrival.timeNs());
        RowVerdicts verdicts = RowVerdicts.of(batch, arrival.timeNs(), futureToleranceNs, series);
        return verdicts.anyRejected() ? partly(origin, arrival, batch, verdicts) : whole(origin, arrival, batch);
    }

    private static CheckedDelivery whole(Origin origin, Arrival arrival, Batch batch) {
        Append append = new Append(
                origin, arrival.range().first(), arrival.range().count(), batch, null, arrival.bytes(), List.of());
        return new CheckedDelivery(append, List.of(), rows(batch));
    }

    private CheckedDelivery partly(Origin origin, Arrival arrival, Batch batch, RowVerdicts verdicts) {
        List<RejectedRows> rejected = verdicts.rejected(arrival.range(), batch);
        rejected.forEach(
                rows -> metrics.rejectedReadings.labelValues(rows.cause()).inc(rows.readings()));
        RowVerdicts.Kept kept = verdicts.kept(batch, arrival.range().first());
        Append append = new Append(
                origin,
                arrival.range().first(),
                arrival.range().count(),
                kept.batch(),
                kept.rowSequences(),
                null,
                rejected);
        return new CheckedDelivery(
                append, rejected.stream().map(DeliveryCheck::told).toList(), rows(kept.batch()));
    }

    private CheckedDelivery rejected(Origin origin, Arrival arrival, String cause, String detail) {
        long readings = arrival.range().count();
        metrics.rejectedReadings.labelValues(cause).inc(readings);
        RejectedRows all = new RejectedRows(arrival.range(), readings, cause, detail, arrival.bytes());
        Append append =
                new Append(origin, arrival.range().first(), arrival.range().count(), NOTHING, null, null, List.of(all));
        return new CheckedDelivery(append, List.of(told(all)), 0);
    }

    private static Rejection told(RejectedRows rows) {
        return Rejection.newBuilder()
                .setRange(Outbound.toProto(rows.range()))
                .setReadings(rows.readings())
                .setCause(rows.cause())
                .setDetail(rows.detail())
                .build();
    }

    private void recordLags(Batch batch, long arrivalNs) {
        for (Table table : batch.tables()) {
            metrics.eventToEdge.record(table.eventTimes(), table.edgeTimes(), table.rows());
            metrics.edgeToCollector.record(table.edgeTimes(), arrivalNs, table.rows());
        }
    }

    private static long rows(Batch batch) {
        long rows = 0;
        for (Table table : batch.tables()) {
            rows += table.rows();
        }
        return rows;
    }
}
