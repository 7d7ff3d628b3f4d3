package io.tributary.agent.uplink;

import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.model.SequenceRange;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Brings what a session says to the forwarder's thread; what an ended one says is dropped there. */
final class SessionEvents implements Uplink.Listener {
    private final Sessions sessions;
    private final Consumer<Runnable> inbox;
    private final long number;
    private final AtomicBoolean readyPending = new AtomicBoolean();

    /** @param inbox tasks for the forwarder's thread */
    SessionEvents(Sessions sessions, Consumer<Runnable> inbox, long number) {
        this.sessions = sessions;
        this.inbox = inbox;
        this.number = number;
    }

    private interface Task {
        void run() throws OutboxException;
    }

    private void put(boolean counted, Task task) {
        inbox.accept(() -> {
            if (!sessions.isCurrent(number)) {
                return;
            }
            try {
                task.run();
            } catch (OutboxException e) {
                sessions.drop("the outbox failed: " + e.getMessage());
                return;
            }
            if (counted) {
                sessions.dealtWith();
            }
        });
    }

    @Override
    public void welcome(SessionWelcome welcome) {
        put(true, () -> sessions.welcomed(welcome));
    }

    @Override
    public void acknowledged(List<SequenceRange> ranges, List<Rejected> rejected) {
        put(true, () -> sessions.acknowledged(ranges, rejected));
    }

    @Override
    public void lossesKnown(long epoch, List<SequenceRange> ranges) {
        put(true, () -> sessions.lossesKnown(epoch, ranges));
    }

    @Override
    public void credit(long bytes) {
        put(true, () -> sessions.credit(bytes));
    }

    @Override
    public void retryAfter(long delayMillis, String reason) {
        put(true, () -> sessions.retryAfter(delayMillis, reason));
    }

    @Override
    public void clockReply(long t1, long t2, long t3, long t4) {
        put(true, () -> sessions.clockReply(t1, t2, t3, t4));
    }

    @Override
    public void command(AgentCommand command) {
        put(true, () -> sessions.command(command));
    }

    @Override
    public void desiredConfig(long version, String yaml) {
        put(true, () -> sessions.desiredConfig(version, yaml));
    }

    @Override
    public void ready() {
        if (readyPending.compareAndSet(false, true)) {
            put(false, () -> readyPending.set(false));
        }
    }

    @Override
    public void wentBack(String reason) {
        put(false, () -> sessions.wentBack(reason));
    }

    @Override
    public void ended(String reason) {
        put(false, () -> sessions.drop(reason));
    }
}
