package io.tributary.agent.uplink;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.LostRange;
import io.tributary.model.SequenceRange;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Several uplinks in order of preference. It uses one at a time: the next one when that one has made no progress for a
 * while, and after a quiet period it tries the first again.
 *
 * <pre>
 * FIRST --no progress for failover-after--> NEXT ... --failback-after--> FIRST, on trial
 *   ^                                        ^                             |      |
 *   |                                        +------ ended without progress+      |
 *   +---------------------------------------------------------- progress ---------+
 * </pre>
 *
 * <p>Progress is an acknowledgement, or a welcome when nothing is owed: a way on which agents can greet but whose
 * deliveries never arrive is not one. Nothing is lost or stored twice by a change: it is the end of a session and the
 * beginning of another, after which the forwarder sends what is not acknowledged.
 */
public final class FailoverUplink implements Uplink {
    private static final Logger LOG = LoggerFactory.getLogger(FailoverUplink.class);

    /** @param name for metrics */
    public record Choice(String name, Uplink uplink) {}

    private final List<Choice> choices;
    private final Duration failoverAfter;
    private final Duration failbackAfter;
    private final Clock clock;
    private final UplinkMetrics metrics;

    // Guarded by this.
    private int active;
    /** Deliveries were sent and nothing was acknowledged since. */
    private boolean owed;
    /** When the active one stopped to get on; null while it does. */
    private @Nullable Long troubleNs;

    private boolean trial;
    private long failbackNs;

    /** @param choices the preferred one first */
    public FailoverUplink(
            List<Choice> choices, Duration failoverAfter, Duration failbackAfter, Clock clock, UplinkMetrics metrics) {
        this.choices = List.copyOf(choices);
        this.failoverAfter = failoverAfter;
        this.failbackAfter = failbackAfter;
        this.clock = clock;
        this.metrics = metrics;
        for (int i = 0; i < choices.size(); i++) {
            metrics.active.labelValues(choices.get(i).name()).set(i == 0 ? 1 : 0);
        }
    }

    @Override
    public synchronized String target() {
        return choices.get(active).uplink().target();
    }

    @Override
    public Session open(SessionHello hello, Listener listener) {
        Uplink next;
        Watch watch;
        synchronized (this) {
            choose(clock.monotonicNs());
            next = choices.get(active).uplink();
            watch = new Watch(active, listener);
            if (troubleNs == null) {
                troubleNs = clock.monotonicNs(); // until it is welcomed
            }
        }
        return new Counted(next.open(hello, watch), watch);
    }

    @Override
    public void close() {
        choices.forEach(each -> each.uplink().close());
    }

    /** Guarded by this. */
    private void choose(long nowNs) {
        Long since = troubleNs;
        if (choices.size() == 1) {
            return;
        }
        if (active > 0 && nowNs >= failbackNs) {
            trial = true;
            use(0, nowNs, "a quiet period is over");
        } else if (since != null && (trial || nowNs - since >= failoverAfter.toNanos())) {
            trial = false;
            use(
                    (active + 1) % choices.size(),
                    nowNs,
                    "no progress over " + choices.get(active).name());
        }
    }

    /** Guarded by this. */
    private void use(int index, long nowNs, String why) {
        LOG.info("using uplink {}: {}", choices.get(index).name(), why);
        metrics.active.labelValues(choices.get(active).name()).set(0);
        metrics.active.labelValues(choices.get(index).name()).set(1);
        metrics.switches.labelValues(choices.get(index).name()).inc();
        active = index;
        owed = false;
        troubleNs = null;
        failbackNs = nowNs + failbackAfter.toNanos();
    }

    private synchronized void progress(int index, boolean acknowledged) {
        if (index == active && (acknowledged || !owed)) {
            owed = false;
            troubleNs = null;
            trial = false;
        }
    }

    private synchronized void sent(int index) {
        if (index == active && !owed) {
            owed = true;
            if (troubleNs == null) {
                troubleNs = clock.monotonicNs();
            }
        }
    }

    private synchronized void ended(int index) {
        if (index == active && troubleNs == null) {
            troubleNs = clock.monotonicNs();
        }
    }

    private synchronized boolean isTimeToGoBack(int index) {
        return index == active && active > 0 && clock.monotonicNs() >= failbackNs;
    }

    /** Watches what a session hears. */
    private final class Watch implements Listener {
        private final int index;
        private final Listener to;

        Watch(int index, Listener to) {
            this.index = index;
            this.to = to;
        }

        @Override
        public void welcome(SessionWelcome welcome) {
            progress(index, false);
            to.welcome(welcome);
        }

        @Override
        public void acknowledged(List<SequenceRange> ranges, List<Rejected> rejected) {
            if (!ranges.isEmpty()) {
                progress(index, true);
            }
            to.acknowledged(ranges, rejected);
        }

        @Override
        public void lossesKnown(long epoch, List<SequenceRange> ranges) {
            to.lossesKnown(epoch, ranges);
        }

        @Override
        public void credit(long bytes) {
            to.credit(bytes);
        }

        @Override
        public void retryAfter(long delayMillis, String reason) {
            FailoverUplink.this.ended(index);
            to.retryAfter(delayMillis, reason);
        }

        @Override
        public void clockReply(long t1, long t2, long t3, long t4) {
            to.clockReply(t1, t2, t3, t4);
        }

        @Override
        public void command(AgentCommand command) {
            to.command(command);
        }

        @Override
        public void desiredConfig(long version, String yaml) {
            to.desiredConfig(version, yaml);
        }

        @Override
        public void ready() {
            to.ready();
        }

        @Override
        public void wentBack(String reason) {
            to.wentBack(reason);
        }

        @Override
        public void ended(String reason) {
            FailoverUplink.this.ended(index);
            to.ended(reason);
        }
    }

    /** Notes what a session sends. Of the forwarder's thread. */
    private final class Counted implements Session {
        private final Session session;
        private final Watch watch;
        private boolean goingBack;

        Counted(Session session, Watch watch) {
            this.session = session;
            this.watch = watch;
        }

        @Override
        public boolean isReady() {
            if (!goingBack && isTimeToGoBack(watch.index)) {
                goingBack = true;
                watch.to.retryAfter(0, "to try the preferred uplink again");
            }
            return !goingBack && session.isReady();
        }

        @Override
        public void send(Stamped batch, Lane lane) {
            sent(watch.index);
            session.send(batch, lane);
        }

        @Override
        public void send(LostRange lost) {
            session.send(lost);
        }

        @Override
        public void send(AgentStatus status) {
            session.send(status);
        }

        @Override
        public void send(CommandResult result) {
            session.send(result);
        }

        @Override
        public void send(ConfigReport report) {
            session.send(report);
        }

        @Override
        public void probe(long wallNs) {
            session.probe(wallNs);
        }

        @Override
        public void next() {
            session.next();
        }

        @Override
        public void finish() {
            session.finish();
        }

        @Override
        public void abort(String reason) {
            session.abort(reason);
        }
    }
}
