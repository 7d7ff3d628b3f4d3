package io.tributary.sim.link;

import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.tributary.sim.row.Row;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What simulated devices send through: rows go in, each device keeps its order, and everything that goes in is
 * acknowledged, refused, or told as in doubt. One thread adds; any thread may close.
 */
public final class Link implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Link.class);
    private static final int TOLD_MAX = 20;
    private static final int LOOPS = 2;
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final LinkOptions options;
    /** Of lines, frames and requests; null for MQTT. */
    private final @Nullable Wire wire;
    /** Of MQTT. */
    private final @Nullable MessageFormat format;

    private final @Nullable EventLoopGroup loops;
    private final LinkCounters counters = new LinkCounters();
    private final Lane[] connections;
    private final Batch[] batches;
    /** Of MQTT: as many connections as devices are one for each. */
    private final Map<String, Integer> inTurn = new HashMap<>();

    private long nextId;
    private int told;

    /**
     * @param nanoTime a monotonic clock, for waits
     * @param seed of the random waits
     */
    public Link(LinkOptions options, DeliveryLog log, LongSupplier nanoTime, long seed) {
        this.options = options;
        format = options.transport() == Transport.MQTT
                ? MessageFormat.of(options.protocol(), options.mqtt().topic())
                : null;
        wire = format != null ? null : wire(options);
        loops = format == null ? null : new MultiThreadIoEventLoopGroup(LOOPS, NioIoHandler.newFactory());
        connections = new Lane[options.connections()];
        batches = new Batch[connections.length];
        for (int i = 0; i < connections.length; i++) {
            RandomGenerator random =
                    RandomGeneratorFactory.of("SplittableRandom").create(seed + i);
            connections[i] = lane(i, log, nanoTime, random);
            batches[i] = new Batch();
        }
    }

    private static Wire wire(LinkOptions options) {
        return options.transport() == Transport.HTTP
                ? new HttpWire(options.target().toString())
                : switch (options.protocol()) {
                    case FRAMES -> new FrameWire(false);
                    case BATCHES -> new FrameWire(true);
                    case JSON -> new LineWire(true);
                    default -> new LineWire();
                };
    }

    private Lane lane(int number, DeliveryLog log, LongSupplier nanoTime, RandomGenerator random) {
        if (format != null && loops != null) {
            return new MqttLane(
                    options.mqtt().client() + "-" + number,
                    number * (SECOND_NANOS / options.mqtt().connectsPerSecond()),
                    options,
                    options.mqtt(),
                    format,
                    log,
                    counters,
                    (EventLoop) loops.next(),
                    nanoTime,
                    random);
        }
        return options.transport() == Transport.UDP
                ? new UdpLane(options, log, counters)
                : new TcpLink(
                        "link-" + number + "-", options, Objects.requireNonNull(wire), log, counters, nanoTime, random);
    }

    /** Connecting happens behind it, with the first delivery. */
    public void start() {
        for (Lane connection : connections) {
            connection.start();
        }
    }

    /**
     * Sends the row, soon: when its batch is full or with {@link #flush()}. Blocks while too much is unanswered.
     *
     * @throws LinkFailedException when the link has given up
     */
    public void add(Row row) throws IOException, InterruptedException {
        if (row.size() == 0) {
            return;
        }
        String fault = format == null ? Objects.requireNonNull(wire).whyUnsendable(row) : format.whyUnsendable(row);
        if (fault != null) {
            counters.unsendable.add(row.size());
            if (told++ < TOLD_MAX) {
                LOG.warn("not sent: {}", fault);
            }
            return;
        }
        int index = connections.length == 1 ? 0 : connection(row.device().id());
        if (format != null) {
            connections[index].send(nextId++, List.of(format.carried(row)));
            return;
        }
        Batch batch = batches[index];
        int bytes = row.estimatedBytes();
        if (batch.bytes + bytes > LinkOptions.BATCH_BYTES) {
            send(index);
        }
        batch.rows.add(row);
        batch.readings += row.size();
        batch.bytes += bytes;
        if (batch.readings >= options.batchReadings()) {
            send(index);
        }
    }

    /** A device keeps its connection, and so its order. */
    private int connection(String device) {
        return format == null
                ? Math.floorMod(device.hashCode() * 0x9E3779B9, connections.length)
                : inTurn.computeIfAbsent(device, fresh -> inTurn.size() % connections.length);
    }

    /** Puts everything added on its way. */
    public void flush() throws IOException, InterruptedException {
        for (int i = 0; i < batches.length; i++) {
            send(i);
        }
    }

    private void send(int index) throws IOException, InterruptedException {
        Batch batch = batches[index];
        if (!batch.rows.isEmpty()) {
            List<Row> rows = batch.rows;
            batches[index] = new Batch();
            connections[index].send(nextId++, rows);
        }
    }

    /**
     * Flushes and waits until everything is settled; false when the time is over first.
     *
     * @throws LinkFailedException when the link has given up
     */
    public boolean drain(Duration atMost) throws IOException, InterruptedException {
        flush();
        boolean drained = true;
        for (Lane connection : connections) {
            drained &= connection.drain(atMost);
        }
        return drained;
    }

    public LinkTotals totals() {
        return counters.totals();
    }

    /**
     * Stops at once; see {@link #drain} for the gentle way. Rows of unfinished batches are not handed over. Whoever calls
     * it, also second, returns when everything is told to the log.
     */
    @Override
    public synchronized void close() throws IOException {
        IOException failure = null;
        for (Lane connection : connections) {
            try {
                connection.close();
            } catch (IOException e) {
                if (failure == null) {
                    failure = e;
                } else {
                    failure.addSuppressed(e);
                }
            }
        }
        EventLoopGroup group = loops;
        if (group != null) {
            group.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static final class Batch {
        private final List<Row> rows = new ArrayList<>();
        private int readings;
        private int bytes;
    }
}
