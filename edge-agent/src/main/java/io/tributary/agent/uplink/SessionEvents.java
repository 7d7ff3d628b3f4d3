package io.tributary.agent.uplink;

import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.outbox.OutboxException;
import io.tributary.model.SequenceRange;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/** Brings what a session says to the forwarder's thread; what an ended one says is dropped there. */
final class SessionEvents implements Uplink.Listener {
    private final Forwarder forwarder;
    private final Consumer<Runnable> inbox;
    private final long number;
    private final AtomicBoolean readyPending = new AtomicBoolean();

    /** @param inbox tasks for the forwarder's thread */
    SessionEvents(Forwarder forwarder, Consumer<Runnable> inbox, long number) {
        this.forwarder = forwarder;
        this.inbox = inbox;
        this.number = number;
    }

    private interface Task {
        void run() throws OutboxException;
    }

    private void put(boolean counted, Task task) {
        inbox.accept(() -> {
            if (!forwarder.isCurrent(number)) {
                return;
            }
            try {
                task.run();
            } catch (OutboxException e) {
                forwarder.drop("the outbox failed: " + e.getMessage());
                return;
            }
            if (counted) {
                forwarder.dealtWith();
            }
        });
    }

    @Override
    public void welcome(SessionWelcome welcome) {
        put(true, () -> forwarder.welcomed(welcome));
    }

    @Override
    public void acknowledged(List<SequenceRange> ranges, List<Rejected> rejected) {
        put(true, () -> forwarder.acknowledged(ranges, rejected));
    }

    @Override
    public void lossesKnown(long epoch, List<SequenceRange> ranges) {
        put(true, () -> forwarder.lossesKnown(epoch, ranges));
    }

    @Override
    public void credit(long bytes) {
        put(true, () -> forwarder.credit(bytes));
    }

    @Override
    public void retryAfter(long delayMillis, String reason) {
        put(true, () -> forwarder.retryAfter(delayMillis, reason));
    }

    @Override
    public void clockReply(long t1, long t2, long t3, long t4) {
        put(true, () -> forwarder.clockReply(t1, t2, t3, t4));
    }

    @Override
    public void command(AgentCommand command) {
        put(true, () -> forwarder.command(command));
    }

    @Override
    public void desiredConfig(long version, String yaml) {
        put(true, () -> forwarder.desiredConfig(version, yaml));
    }

    @Override
    public void ready() {
        if (readyPending.compareAndSet(false, true)) {
            put(false, () -> readyPending.set(false));
        }
    }

    @Override
    public void wentBack(String reason) {
        put(false, () -> forwarder.wentBack(reason));
    }

    @Override
    public void ended(String reason) {
        put(false, () -> forwarder.drop(reason));
    }
}
