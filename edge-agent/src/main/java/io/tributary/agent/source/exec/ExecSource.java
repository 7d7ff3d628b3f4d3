package io.tributary.agent.source.exec;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.MessageFeed;
import io.tributary.agent.source.MessageFeeds;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.process.Backoff;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a command and takes the lines it prints. While the intake has no room nothing is read, so that the command waits
 * in its own print.
 *
 * <p>Threads: {@code exec-NAME} runs the command and reads it, {@code exec-errors-NAME} drains its stderr, {@code
 * source-NAME} owns the feed.
 */
final class ExecSource implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(ExecSource.class);
    private static final long CLOSE_WAIT_MILLIS = 5_000;
    /** Between asking a command to end and ending it. */
    private static final long TERM_MILLIS = 2_000;
    /** What a line costs beside its bytes. */
    private static final int LINE_BYTES = 128;

    private final ExecConfig config;
    private final MessageReader reader;
    private final Intake intake;
    private final Clock clock;
    private final ExecMetrics metrics;
    private final ArrivalStamps stamps;
    private final Backoff backoff;
    private final Semaphore room;
    private final CountDownLatch closing = new CountDownLatch(1);
    private @Nullable ScheduledExecutorService worker;
    private @Nullable MessageFeed feed;
    private @Nullable Thread runner;
    private volatile @Nullable Process process;
    private volatile boolean timedOut;
    private volatile long printedNs;

    ExecSource(
            ExecConfig config,
            MessageReader reader,
            Intake intake,
            Clock clock,
            RandomGenerator random,
            ExecMetrics metrics) {
        this.config = config;
        this.reader = reader;
        this.intake = intake;
        this.clock = clock;
        this.metrics = metrics;
        this.stamps = new ArrivalStamps(clock);
        this.backoff = new Backoff(config.restartMin(), config.restartMax(), random);
        this.room = new Semaphore(config.pendingBytesMax().intBytes());
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public String endpoint() {
        return config.command().get(0);
    }

    /** The first run begins at once; a command that cannot be started is tried again, as it may be installed later. */
    @Override
    public void start() {
        ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "source-" + config.name());
            thread.setDaemon(true);
            return thread;
        });
        worker = executor;
        feed = new MessageFeeds(
                        config.name(),
                        config.durability(),
                        intake,
                        executor,
                        config.pendingBytesMax().bytes())
                .feed(() -> {});
        Thread thread = new Thread(() -> run(executor), "exec-" + config.name());
        thread.setDaemon(true);
        thread.start();
        runner = thread;
    }

    private void run(ScheduledExecutorService executor) {
        try {
            while (closing.getCount() > 0) {
                long began = clock.monotonicNs();
                boolean good = once(executor);
                long waitNs;
                if (config.interval() != null) {
                    waitNs = config.interval().toNanos() - (clock.monotonicNs() - began);
                } else {
                    // One that ran for a while did its work: begin with short delays again.
                    if (good
                            || clock.monotonicNs() - began > config.restartMax().toNanos()) {
                        backoff.succeeded();
                    }
                    waitNs = backoff.failed();
                }
                if (closing.await(Math.max(0, waitNs), TimeUnit.NANOSECONDS)) {
                    return;
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("source {}: interrupted", config.name(), e);
        }
    }

    /** One run from beginning to end. @return whether it ended well */
    private boolean once(ScheduledExecutorService executor) throws InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(config.command());
        builder.environment().putAll(config.environment());
        if (config.directory() != null) {
            builder.directory(config.directory().toFile());
        }
        Process started;
        try {
            started = builder.start();
        } catch (IOException e) {
            ended("not-started");
            LOG.warn("source {}: {}", config.name(), e.getMessage());
            return false;
        }
        process = started;
        if (closing.getCount() == 0) {
            kill(started);
        }
        timedOut = false;
        printedNs = clock.monotonicNs();
        metrics.starts.labelValues(config.name()).inc();
        metrics.running.labelValues(config.name()).set(1);
        Future<?> watch = watch(executor, started);
        try {
            started.getOutputStream().close();
            drainErrors(started.getErrorStream());
            lines(executor, started.getInputStream());
        } catch (IOException e) {
            LOG.debug("source {}: output of {} broke", config.name(), config.command(), e);
        }
        int code = started.waitFor();
        if (watch != null) {
            watch.cancel(false);
        }
        process = null;
        metrics.running.labelValues(config.name()).set(0);
        ended(timedOut ? "timeout" : code == 0 ? "ok" : "failed");
        if (closing.getCount() > 0 && (timedOut || code != 0)) {
            LOG.warn(
                    "source {}: {} {}",
                    config.name(),
                    config.command().get(0),
                    timedOut ? "was ended after " + config.timeout() : "ended with exit code " + code);
        }
        return code == 0 && !timedOut;
    }

    private void ended(String result) {
        metrics.ends.labelValues(config.name(), result).inc();
    }

    private @Nullable Future<?> watch(ScheduledExecutorService executor, Process of) {
        if (config.timeout() == null) {
            return null;
        }
        long timeoutNs = config.timeout().toNanos();
        boolean whole = config.interval() != null;
        long began = clock.monotonicNs();
        long period = Math.max(1_000_000, timeoutNs / 8);
        return executor.scheduleAtFixedRate(
                () -> {
                    long since = whole ? began : printedNs;
                    if (clock.monotonicNs() - since >= timeoutNs) {
                        timedOut = true;
                        kill(of);
                    }
                },
                period,
                period,
                TimeUnit.NANOSECONDS);
    }

    /**
     * With all that it has started: their pipes are ours. Over the handle, because {@link Process#destroy} closes the pipes,
     * too, and loses the last words.
     */
    private static void kill(Process of) {
        of.descendants().forEach(ProcessHandle::destroy);
        of.toHandle().destroy();
    }

    private void drainErrors(InputStream errors) {
        Thread drain = new Thread(
                () -> {
                    try (errors) {
                        BoundedLines lines = new BoundedLines(errors, 1024);
                        boolean told = false;
                        for (BoundedLines.Line line = lines.next(); line != null; line = lines.next()) {
                            metrics.errorLines.labelValues(config.name()).inc();
                            if (!told) {
                                told = true;
                                String text = new String(line.bytes(), StandardCharsets.UTF_8);
                                LOG.warn("source {}: stderr: {}", config.name(), text.replaceAll("\\p{Cntrl}", "?"));
                            }
                        }
                    } catch (IOException e) {
                        LOG.debug("source {}: stderr broke", config.name(), e);
                    }
                },
                "exec-errors-" + config.name());
        drain.setDaemon(true);
        drain.start();
    }

    // ---- lines ----

    private void lines(ScheduledExecutorService executor, InputStream output) throws IOException, InterruptedException {
        try (output) {
            BoundedLines lines = new BoundedLines(output, config.lineBytesMax().intBytes());
            for (BoundedLines.Line line = lines.next(); line != null; line = lines.next()) {
                printedNs = clock.monotonicNs();
                metrics.lines.labelValues(config.name()).inc();
                if (line.bytes().length > 0) {
                    line(executor, line);
                }
            }
        }
    }

    private void line(ScheduledExecutorService executor, BoundedLines.Line line) throws InterruptedException {
        byte[] bytes = line.bytes();
        MessageReader.Result read = line.whole()
                ? reader.read("", bytes)
                : new MessageReader.Result(
                        null, MessageReader.MALFORMED, "line is longer than " + config.lineBytesMax());
        long stamp = stamps.next();
        int cost = Math.min(bytes.length + LINE_BYTES, config.pendingBytesMax().intBytes());
        room.acquire(cost);
        try {
            executor.execute(() -> {
                MessageFeed to = java.util.Objects.requireNonNull(feed);
                to.add(read, bytes, stamp, false, (outcome, cause, detail) -> {
                    metrics.settled
                            .labelValues(config.name(), outcome.name().toLowerCase(Locale.ROOT))
                            .inc();
                    room.release(cost);
                });
                to.submit();
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("source {}: closed before a line was handed on", config.name(), e);
        }
    }

    /** Ends the command, takes what it has printed, for a bounded time. */
    @Override
    public void close() {
        closing.countDown();
        Process running = process;
        if (running != null) {
            kill(running);
        }
        Thread thread = runner;
        ScheduledExecutorService executor = worker;
        if (thread == null || executor == null) {
            return;
        }
        try {
            thread.join(TERM_MILLIS);
            if (thread.isAlive()) {
                if (running != null) {
                    running.descendants().forEach(ProcessHandle::destroyForcibly);
                    running.destroyForcibly();
                }
                thread.join(TERM_MILLIS);
                thread.interrupt();
            }
            boolean empty =
                    room.tryAcquire(config.pendingBytesMax().intBytes(), CLOSE_WAIT_MILLIS, TimeUnit.MILLISECONDS);
            if (!empty) {
                LOG.warn("source {}: closed before all lines were taken", config.name());
            } else {
                room.release(config.pendingBytesMax().intBytes());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        executor.shutdownNow();
    }
}
