package io.tributary.agent.command;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.CommandSink;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries commands out, each at most once, and says how it ended.
 *
 * <pre>
 * command --> WAITING (until its device is there) --journal: begun--> RUNNING --journal: finished--> result
 *                 \--expired--> result                  \--known not to be sent, journal: withdrawn--> WAITING
 * </pre>
 *
 * <p>Killed while a command waits, nothing has happened: the collector sends it again. Killed while it runs, it may have
 * happened: the next start calls it {@link Outcome#UNKNOWN} and does not repeat it. A result is told until the collector
 * has it, because the collector asks until then.
 *
 * <p>All state belongs to the thread {@code commands}.
 */
public final class CommandDesk implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CommandDesk.class);
    /** Commands and answers that wait for the thread; the collector sends again what finds no place. */
    private static final int QUEUED_MAX = 1_024;
    /** The collector has a hundred open per agent. */
    private static final int OPEN_MAX = 256;

    private static final long LOOK_MILLIS = 200;

    private final Path file;
    private final Supplier<List<CommandSink>> sinks;
    private final AgentActions actions;
    private final Clock clock;
    private final Consumer<CommandResult> tell;
    private final CommandMetrics metrics;
    private final ScheduledThreadPoolExecutor thread;
    private final AtomicInteger queued = new AtomicInteger();
    private final Map<String, Open> open = new HashMap<>();
    private @Nullable CommandJournal journal;

    /** A command that has not ended. */
    private static final class Open {
        final AgentCommand command;
        final DeviceCommand what;
        final CommandSink sink;
        final long deadlineNs;
        boolean asking;
        boolean running;

        Open(AgentCommand command, DeviceCommand what, CommandSink sink, long deadlineNs) {
            this.command = command;
            this.what = what;
            this.sink = sink;
            this.deadlineNs = deadlineNs;
        }
    }

    /**
     * @param file the journal
     * @param sinks the sources at this moment that can be commanded through
     * @param tell called on the thread {@code commands}; what cannot be sent may be dropped
     */
    public CommandDesk(
            Path file,
            Supplier<List<CommandSink>> sinks,
            AgentActions actions,
            Clock clock,
            Consumer<CommandResult> tell,
            PrometheusRegistry registry) {
        this.file = file;
        this.sinks = sinks;
        this.actions = actions;
        this.clock = clock;
        this.tell = tell;
        this.metrics = new CommandMetrics(registry);
        this.thread = new ScheduledThreadPoolExecutor(1, task -> {
            Thread named = new Thread(task, "commands");
            named.setDaemon(true);
            return named;
        });
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
    }

    /** @throws IOException the journal cannot be used: without it nothing can be done once */
    public void start() throws IOException {
        CommandJournal opened = CommandJournal.open(file);
        journal = opened;
        for (JournalRecord each : opened.begun()) {
            LOG.warn("command {} was begun before the agent ended: whether it happened is unknown", each.id());
            opened.put(new JournalRecord(JournalRecord.State.FINISHED, each.expiresNs(), each.result()));
            metrics.finished.labelValues(Outcome.UNKNOWN.word()).inc();
        }
        metrics.remembered.set(opened.size());
        var unused = thread.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A command has come. Any thread, never blocks. */
    public void command(AgentCommand command) {
        if (queued.incrementAndGet() > QUEUED_MAX) {
            queued.decrementAndGet();
            LOG.debug("command {} finds no place and will come again", command.id());
            return;
        }
        run(() -> {
            queued.decrementAndGet();
            begin(command);
        });
    }

    /** Something of the agent's that shall not happen beside a command. Any thread. */
    public void run(Runnable task) {
        try {
            thread.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.error("fault while commands are carried out", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.debug("the agent ends: nothing more is carried out", e);
        }
    }

    // ---- on the thread ----

    private CommandJournal journal() {
        CommandJournal opened = journal;
        if (opened == null) {
            throw new IllegalStateException("BUG: not started");
        }
        return opened;
    }

    private void begin(AgentCommand command) {
        journal().collectorTime(command.timeNs());
        JournalRecord known = journal().get(command.id());
        if (known != null && known.state() == JournalRecord.State.FINISHED) {
            tell.accept(known.result());
            return;
        }
        if (known != null || open.containsKey(command.id())) {
            return; // its result will be told
        }
        long deadline = clock.monotonicNs() + (command.expiresNs() - command.timeNs());
        if (command.expiresNs() <= command.timeNs()) {
            tell(command, Outcome.EXPIRED, "it had expired when it came");
        } else if (command.action() instanceof AgentCommand.ToAgent own) {
            CommandResult result = actions.run(command.id(), own.name());
            metrics.finished.labelValues(result.outcome().word()).inc();
            tell.accept(result);
        } else if (command.action() instanceof AgentCommand.ToSource wanted) {
            toSource(command, wanted, deadline);
        } else {
            tell(command, Outcome.UNSUPPORTED, "this version of the agent does not know this kind of command");
        }
    }

    private void toSource(AgentCommand command, AgentCommand.ToSource wanted, long deadlineNs) {
        CommandSink sink = null;
        boolean named = false;
        for (CommandSink each : sinks.get()) {
            boolean meant = wanted.source().isEmpty() || wanted.source().equals(each.name());
            named |= meant;
            if (meant && sink == null && each.takes(wanted.command())) {
                sink = each;
            }
        }
        if (sink == null) {
            tell(
                    command,
                    Outcome.UNSUPPORTED,
                    wanted.source().isEmpty() || named
                            ? "no source of this agent can do " + wanted.command()
                            : "no source \"" + wanted.source() + "\" of this agent takes commands");
        } else if (journal().isFull() || open.size() >= OPEN_MAX) {
            tell(
                    command,
                    Outcome.REFUSED,
                    "too many commands: " + journal().size() + " are remembered, " + open.size() + " are open");
        } else {
            Open fresh = new Open(command, wanted.command(), sink, deadlineNs);
            open.put(command.id(), fresh);
            ask(fresh);
        }
        metrics.waiting.set(open.size());
    }

    private void look() {
        try {
            long now = clock.monotonicNs();
            for (Open each : new ArrayList<>(open.values())) {
                if (now >= each.deadlineNs && each.running) {
                    finish(each, Outcome.UNKNOWN, "it was sent, and nothing came back before it expired");
                } else if (now >= each.deadlineNs) {
                    finish(each, Outcome.EXPIRED, "its device was not there until it expired");
                } else if (!each.running && !each.asking) {
                    ask(each);
                }
            }
        } catch (RuntimeException e) {
            LOG.error("fault while looking after commands", e);
        }
    }

    private void ask(Open each) {
        each.asking = true;
        var unused = each.sink
                .reaches(each.what)
                .whenComplete((there, fault) -> run(() -> {
                    each.asking = false;
                    if (fault == null && there && open.get(each.command.id()) == each && !each.running) {
                        carryOut(each);
                    }
                }));
    }

    private void carryOut(Open each) {
        CommandResult ifKilled = new CommandResult(
                each.command.id(),
                Outcome.UNKNOWN,
                "the agent ended between sending it and hearing the answer",
                clock.wallNs());
        try {
            journal().put(new JournalRecord(JournalRecord.State.BEGUN, each.command.expiresNs(), ifKilled));
        } catch (IOException e) {
            LOG.warn("command {} waits, its beginning cannot be written: {}", each.command.id(), e.toString());
            return;
        }
        each.running = true;
        var unused = each.sink
                .carryOut(each.what, each.command.id(), each.deadlineNs)
                .whenComplete((outcome, fault) -> run(() -> ended(
                        each,
                        fault == null
                                ? outcome
                                : new DeviceOutcome(DeviceOutcome.Kind.UNKNOWN, "fault of the source: " + fault))));
    }

    private void ended(Open each, DeviceOutcome outcome) {
        if (open.get(each.command.id()) != each) {
            return; // its time was over before
        }
        switch (outcome.kind()) {
            case DONE -> finish(each, Outcome.DONE, outcome.detail());
            case FAILED -> finish(each, Outcome.FAILED, outcome.detail());
            case UNKNOWN -> finish(each, Outcome.UNKNOWN, outcome.detail());
            case NOT_SENT -> {
                each.running = false;
                JournalRecord begun = journal().get(each.command.id());
                if (begun != null) {
                    try {
                        journal()
                                .put(new JournalRecord(
                                        JournalRecord.State.WITHDRAWN, begun.expiresNs(), begun.result()));
                    } catch (IOException e) {
                        LOG.warn("that command {} was not sent cannot be written: {}", begun.id(), e.toString());
                    }
                }
            }
        }
    }

    private void finish(Open each, Outcome outcome, String detail) {
        open.remove(each.command.id());
        metrics.waiting.set(open.size());
        CommandResult result = new CommandResult(each.command.id(), outcome, detail, clock.wallNs());
        JournalRecord record = new JournalRecord(JournalRecord.State.FINISHED, each.command.expiresNs(), result);
        try {
            journal().put(record);
        } catch (IOException e) {
            LOG.warn("the end of command {} cannot be written, it is told all the same: {}", record.id(), e.toString());
            journal().putInMemory(record);
        }
        metrics.remembered.set(journal().size());
        metrics.finished.labelValues(outcome.word()).inc();
        LOG.info("command {} ({}): {}, {}", record.id(), each.what, outcome.word(), detail);
        tell.accept(result);
    }

    /** For what was not begun: when it comes again, it is judged again. */
    private void tell(AgentCommand command, Outcome outcome, String detail) {
        metrics.finished.labelValues(outcome.word()).inc();
        LOG.info("command {}: {}, {}", command.id(), outcome.word(), detail);
        tell.accept(new CommandResult(command.id(), outcome, detail, clock.wallNs()));
    }

    /** Waits for the command that is being begun or finished at this moment. May be called twice. */
    @Override
    public void close() {
        thread.shutdown();
        try {
            if (!thread.awaitTermination(2, TimeUnit.SECONDS)) {
                LOG.warn("a command is still being carried out");
            }
            if (journal != null) {
                journal.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.debug("the commands' journal does not close", e);
        }
    }
}
