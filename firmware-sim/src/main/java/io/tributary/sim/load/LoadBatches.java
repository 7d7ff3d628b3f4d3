package io.tributary.sim.load;

import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.sim.fault.FaultRates;
import io.tributary.sim.fault.FaultyRows;
import io.tributary.sim.row.Row;
import io.tributary.sim.signal.FleetRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The batches of a plan, made a group of devices at a time: a batch holds the next rows of its group in the order in which
 * they were sent. All rows of a batch have one edge time, when its last row was there: an agent stamps what arrives
 * together together.
 */
final class LoadBatches {
    /** From the last event of a batch to its arrival at the agent. */
    private static final long EDGE_LAG_NS = 1_000_000;

    private final LoadPlan plan;

    LoadBatches(LoadPlan plan) {
        this.plan = plan;
    }

    /** Per agent the batches of the warm-up and those behind it, in the order in which they are sent. */
    record Split(List<List<LoadBatch>> warmUp, List<List<LoadBatch>> measured) {}

    Split make() throws IOException {
        List<List<List<LoadBatch>>> groups = new ArrayList<>();
        for (int group = 0; group < plan.groups(); group++) {
            groups.add(group(group));
        }
        return new Split(spread(groups, 0), spread(groups, 1));
    }

    /** Round robin over the groups; a group stays with its agent. */
    private List<List<LoadBatch>> spread(List<List<List<LoadBatch>>> groups, int phase) {
        List<List<LoadBatch>> agents = new ArrayList<>();
        for (int i = 0; i < plan.agents(); i++) {
            agents.add(new ArrayList<>());
        }
        boolean more = true;
        for (int round = 0; more; round++) {
            more = false;
            for (int group = 0; group < groups.size(); group++) {
                List<LoadBatch> batches = groups.get(group).get(phase);
                if (round < batches.size()) {
                    agents.get(group % plan.agents()).add(batches.get(round));
                    more = true;
                }
            }
        }
        return agents;
    }

    private List<List<LoadBatch>> group(int group) throws IOException {
        int first = group * plan.batchDevices();
        int count = Math.min(plan.batchDevices(), plan.devices() - first);
        long seed = plan.seed() + group;
        FaultRates rates = new FaultRates(plan.late(), plan.lateSteps(), plan.duplicate(), 0);
        List<LoadBatch> warmUp = new ArrayList<>();
        List<LoadBatch> measured = new ArrayList<>();
        int batchRows = plan.batchRows() / plan.batchDevices() * count;
        try (FaultyRows rows = FaultyRows.of(fleet(first, count), count, rates, seed)) {
            long warmUpRows = plan.warmUpSteps() * count;
            for (List<Row> next = take(rows, batchRows); !next.isEmpty(); next = take(rows, batchRows)) {
                (warmUpRows > 0 ? warmUp : measured).add(encode(next));
                warmUpRows -= next.size();
            }
        }
        return List.of(warmUp, measured);
    }

    private FleetRows fleet(int first, int count) {
        return plan.channels() == 0
                ? FleetRows.reference(
                        first, count, plan.steps(), plan.startNs(), plan.intervalNs(), plan.seed(), plan.rounded())
                : FleetRows.mixed(
                        first,
                        count,
                        plan.channels(),
                        plan.steps(),
                        plan.startNs(),
                        plan.intervalNs(),
                        plan.seed(),
                        "load-");
    }

    private static List<Row> take(FaultyRows rows, int count) throws IOException {
        List<Row> taken = new ArrayList<>(count);
        while (taken.size() < count) {
            Row row = rows.next();
            if (row == null) {
                break;
            }
            taken.add(row);
        }
        return taken;
    }

    private static LoadBatch encode(List<Row> rows) {
        long edge = Long.MIN_VALUE;
        for (Row row : rows) {
            edge = Math.max(edge, row.eventTimeNs() + EDGE_LAG_NS);
        }
        BatchBuilder builder = new BatchBuilder();
        for (Row row : rows) {
            builder.row(row.device(), row.eventTimeNs(), edge);
            for (int i = 0; i < row.size(); i++) {
                switch (row.channel(i).type()) {
                    case DOUBLE -> builder.set(row.channel(i), row.doubleValue(i), row.quality(i));
                    case LONG -> builder.set(row.channel(i), row.bits(i), row.quality(i));
                    case BOOL -> builder.set(row.channel(i), row.bits(i) != 0, row.quality(i));
                    case STRING -> builder.set(row.channel(i), row.text(i), row.quality(i));
                }
            }
        }
        long readings = builder.readingCount();
        return new LoadBatch(BatchCodec.encode(builder.buildByTime()), readings);
    }

    static long readings(List<List<LoadBatch>> batches) {
        long readings = 0;
        for (List<LoadBatch> of : batches) {
            for (LoadBatch batch : of) {
                readings += batch.readings();
            }
        }
        return readings;
    }

    static long bytes(List<List<LoadBatch>> batches) {
        long bytes = 0;
        for (List<LoadBatch> of : batches) {
            for (LoadBatch batch : of) {
                bytes += batch.encoded().length;
            }
        }
        return bytes;
    }
}
