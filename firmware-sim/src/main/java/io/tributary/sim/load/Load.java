package io.tributary.sim.load;

import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A load run: encodes all batches, opens a stream per agent, sends the warm-up, then everything else against the clock.
 * The clock runs from the first batch until the last acknowledgement. A warm-up of several rounds goes on until the
 * collector's compilers are quiet, since a collector runs for months; each round is encoded before it is sent.
 */
public final class Load {
    /** Of the collector's CPU time in a round of the warm-up: below it, its compilers are quiet. */
    private static final double QUIET_SHARE = 0.03;

    private final LoadPlan plan;
    private final LoadLink link;
    private final long epoch;
    private final long pid;
    private final LongSupplier nanoTime;

    /**
     * @param epoch of the agents; higher in every run
     * @param pid of the collector, whose use of the machine is told; 0 when it is elsewhere
     */
    public Load(LoadPlan plan, LoadLink link, long epoch, long pid, LongSupplier nanoTime) {
        this.plan = plan;
        this.link = link;
        this.epoch = epoch;
        this.pid = pid;
        this.nanoTime = nanoTime;
    }

    /** @return figures by name, in the order in which they are told */
    public Map<String, Double> run() throws IOException, InterruptedException {
        boolean rounds = plan.warmUpRounds() > 1;
        if (rounds && pid == 0) {
            throw new IllegalArgumentException("several rounds of warm-up need the collector's pid");
        }
        AckTimes ackTimes = new AckTimes();
        List<ManagedChannel> channels = new ArrayList<>();
        List<LoadStream> streams = new ArrayList<>();
        ExecutorService senders = Executors.newFixedThreadPool(plan.agents());
        try {
            for (int i = 0; i < plan.agents(); i++) {
                ManagedChannel channel = link.channel(plan.collector());
                channels.add(channel);
                LoadStream stream = new LoadStream(link.agent(i), epoch, nanoTime, ackTimes);
                streams.add(stream);
                stream.open(channel);
            }
            WarmUp warmUp = rounds ? untilQuiet(senders, streams) : new WarmUp(0, 0, 0, 0);
            LoadBatches.Split batches = new LoadBatches(rounds ? plan.behind(warmUp.rounds) : plan).make();
            send(senders, streams, batches.warmUp(), 0);
            ackTimes.clear();
            ProcessFigures before = ProcessFigures.of(pid);
            long begin = nanoTime.getAsLong();
            send(senders, streams, batches.measured(), link.batchesPerSecond());
            double seconds = (nanoTime.getAsLong() - begin) / 1e9;
            ProcessFigures after = ProcessFigures.of(pid);
            streams.forEach(LoadStream::close);
            long rejected = streams.stream().mapToLong(LoadStream::rejected).sum();
            return figures(batches, warmUp, seconds, before, after, rejected, ackTimes);
        } finally {
            senders.shutdown();
            for (ManagedChannel channel : channels) {
                channel.shutdown();
                if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
                    channel.shutdownNow();
                }
            }
        }
    }

    /**
     * Rounds that were sent.
     *
     * @param compilerShare of the collector's CPU time in the last one
     */
    private record WarmUp(int rounds, double values, double bytes, double compilerShare) {}

    private WarmUp untilQuiet(ExecutorService senders, List<LoadStream> streams)
            throws IOException, InterruptedException {
        double values = 0;
        double bytes = 0;
        double share = 1;
        int round = 0;
        while (round < plan.warmUpRounds() && share >= QUIET_SHARE) {
            List<List<LoadBatch>> batches =
                    new LoadBatches(plan.round(round++)).make().measured();
            ProcessFigures before = ProcessFigures.of(pid);
            send(senders, streams, batches, 0);
            ProcessFigures after = ProcessFigures.of(pid);
            share = (after.compilerSeconds() - before.compilerSeconds()) / (after.cpuSeconds() - before.cpuSeconds());
            values += LoadBatches.readings(batches);
            bytes += LoadBatches.bytes(batches);
        }
        return new WarmUp(round, values, bytes, share);
    }

    private static void send(
            ExecutorService senders, List<LoadStream> streams, List<List<LoadBatch>> batches, double perSecond)
            throws IOException, InterruptedException {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < streams.size(); i++) {
            LoadStream stream = streams.get(i);
            List<LoadBatch> of = batches.get(i);
            running.add(senders.submit(() -> {
                stream.send(of, perSecond);
                return of.size();
            }));
        }
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IOException("load failed: " + e.getMessage(), e);
            }
        }
    }

    private Map<String, Double> figures(
            LoadBatches.Split batches,
            WarmUp warmUp,
            double seconds,
            ProcessFigures before,
            ProcessFigures after,
            long rejected,
            AckTimes ackTimes) {
        Map<String, Double> figures = new LinkedHashMap<>();
        double readings = LoadBatches.readings(batches.measured());
        figures.put("values", readings);
        figures.put("warm_up_values", warmUp.values + LoadBatches.readings(batches.warmUp()));
        figures.put("batches", (double) ackTimes.size());
        figures.put("rejected", (double) rejected);
        figures.put("seconds", seconds);
        figures.put("sent_bytes", (double) LoadBatches.bytes(batches.measured()));
        figures.put("warm_up_sent_bytes", warmUp.bytes + LoadBatches.bytes(batches.warmUp()));
        if (warmUp.rounds > 0) {
            figures.put("warm_up_rounds", (double) warmUp.rounds);
            figures.put("warm_up_compiler_share", warmUp.compilerShare);
        }
        figures.put("ack_p50_ms", ackTimes.millis(0.5));
        figures.put("ack_p99_ms", ackTimes.millis(0.99));
        if (pid != 0) {
            figures.put("collector_cpu_seconds", after.cpuSeconds() - before.cpuSeconds());
            figures.put("collector_compiler_seconds", after.compilerSeconds() - before.compilerSeconds());
            figures.put("collector_written_bytes", (double) after.writtenBytes() - before.writtenBytes());
            figures.put("collector_resident_peak_bytes", (double) after.residentPeakBytes());
        }
        return figures;
    }
}
