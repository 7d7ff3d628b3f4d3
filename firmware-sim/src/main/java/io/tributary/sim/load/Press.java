package io.tributary.sim.load;

import io.tributary.sim.signal.FleetRows;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.LongSupplier;

/**
 * Devices against an agent: encodes all messages, connects, sends the warm-up, then everything else against the clock,
 * which runs from the first message until the last answer.
 */
public final class Press {
    private final PressPlan plan;
    private final long pid;
    private final LongSupplier nanoTime;

    /** @param pid of the agent, whose use of the machine is told; 0 when it is elsewhere */
    public Press(PressPlan plan, long pid, LongSupplier nanoTime) {
        this.plan = plan;
        this.pid = pid;
        this.nanoTime = nanoTime;
    }

    /** @return figures by name, in the order in which they are told */
    public Map<String, Double> run() throws IOException, InterruptedException {
        PressMessages source = new PressMessages(plan);
        List<List<byte[]>> warmUp = new ArrayList<>();
        List<List<byte[]>> measured = new ArrayList<>();
        long readings = 0;
        for (int connection = 0; connection < plan.connections(); connection++) {
            List<FleetRows> rows = source.rows(connection);
            warmUp.add(interleaved(source, rows, plan.warmUp() / plan.connections())
                    .messages());
            PressMessages.Prepared prepared = interleaved(source, rows, plan.messages() / plan.connections());
            measured.add(prepared.messages());
            readings += prepared.readings();
        }
        AckTimes ackTimes = new AckTimes();
        List<PressConnection> connections = new ArrayList<>();
        ExecutorService senders = Executors.newFixedThreadPool(plan.connections());
        try {
            for (int i = 0; i < plan.connections(); i++) {
                connections.add(PressConnection.open(plan, i, nanoTime, ackTimes));
            }
            send(senders, connections, warmUp);
            ackTimes.clear();
            ProcessFigures before = ProcessFigures.of(pid);
            long begin = nanoTime.getAsLong();
            send(senders, connections, measured);
            double seconds = (nanoTime.getAsLong() - begin) / 1e9;
            ProcessFigures after = ProcessFigures.of(pid);
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("readings", (double) readings);
            figures.put("messages", (double) ackTimes.size());
            figures.put("retries", (double)
                    connections.stream().mapToLong(PressConnection::retries).sum());
            figures.put("seconds", seconds);
            figures.put("ack_p50_ms", ackTimes.millis(0.5));
            figures.put("ack_p99_ms", ackTimes.millis(0.99));
            if (pid != 0) {
                figures.put("agent_cpu_seconds", after.cpuSeconds() - before.cpuSeconds());
                figures.put("agent_compiler_seconds", after.compilerSeconds() - before.compilerSeconds());
                figures.put("agent_written_bytes", (double) after.writtenBytes() - before.writtenBytes());
                figures.put("agent_resident_peak_bytes", (double) after.residentPeakBytes());
            }
            return figures;
        } finally {
            senders.shutdownNow();
            for (PressConnection connection : connections) {
                connection.close();
            }
        }
    }

    /** A message of each group of devices in turn. */
    private static PressMessages.Prepared interleaved(PressMessages source, List<FleetRows> groups, int count) {
        if (groups.size() == 1) {
            return source.next(groups.get(0), count);
        }
        List<byte[]> messages = new ArrayList<>(count);
        long readings = 0;
        for (int i = 0; i < count; i++) {
            PressMessages.Prepared one = source.next(groups.get(i % groups.size()), 1);
            messages.addAll(one.messages());
            readings += one.readings();
        }
        return new PressMessages.Prepared(messages, readings);
    }

    private static void send(ExecutorService senders, List<PressConnection> connections, List<List<byte[]>> messages)
            throws IOException, InterruptedException {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < connections.size(); i++) {
            PressConnection connection = connections.get(i);
            List<byte[]> of = messages.get(i);
            running.add(senders.submit(() -> {
                connection.send(of);
                return of.size();
            }));
        }
        for (Future<?> each : running) {
            try {
                each.get();
            } catch (ExecutionException e) {
                throw new IOException("the load failed: " + e.getCause(), e);
            }
        }
    }
}
