package io.tributary.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.Clock;
import io.tributary.agent.command.AgentCommand;
import io.tributary.agent.command.CommandResult;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.outbox.LostRange;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.agent.outbox.Outboxes;
import io.tributary.model.SequenceRange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Moves by progress, with a clock that the test moves. */
final class FailoverUplinkTest {
    private static final SessionHello HELLO = new SessionHello("a", 1, 0, 0, "test");
    private static final SessionWelcome WELCOME = new SessionWelcome("c", "1", 1 << 20, 1 << 20, List.of());

    private final ManualClock clock = new ManualClock();
    private final FakeUplink first = new FakeUplink("first");
    private final FakeUplink second = new FakeUplink("second");
    private final Heard heard = new Heard();
    private final FailoverUplink uplink = new FailoverUplink(
            List.of(new FailoverUplink.Choice("first", first), new FailoverUplink.Choice("second", second)),
            Duration.ofSeconds(30),
            Duration.ofMinutes(5),
            clock,
            new UplinkMetrics(new PrometheusRegistry()));

    private Uplink.Session open() {
        return uplink.open(HELLO, heard);
    }

    private static Stamped batch() {
        OutboxRecord record = new OutboxRecord(1, 0, Outboxes.batch(5, 0));
        return new Stamped(record, record.batch().bytes(), null);
    }

    private void failFor(int seconds, FakeUplink which) {
        open();
        clock.seconds += seconds;
        which.heard().ended("refused");
    }

    @Test
    void thePreferredOne_isTriedUntilItsTimeIsOver() {
        failFor(29, first);
        open();
        assertThat(uplink.target()).isEqualTo("first");
        clock.seconds += 1;
        open();
        assertThat(uplink.target()).isEqualTo("second");
    }

    @Test
    void welcomesWithoutAcknowledgements_areNoProgress() throws Exception {
        Uplink.Session session = open();
        first.heard().welcome(WELCOME);
        session.send(batch(), Lane.LIVE);
        clock.seconds += 20;
        first.heard().ended("nothing acknowledged");
        open();
        first.heard().welcome(WELCOME);
        clock.seconds += 10;
        first.heard().ended("nothing acknowledged");
        open();
        assertThat(uplink.target()).isEqualTo("second");
    }

    @Test
    void anAcknowledgement_isProgress() throws Exception {
        Uplink.Session session = open();
        first.heard().welcome(WELCOME);
        session.send(batch(), Lane.LIVE);
        clock.seconds += 29;
        first.heard().acknowledged(List.of(new SequenceRange(0, 5)), List.of());
        clock.seconds += 1000;
        first.heard().ended("the collector restarts");
        open();
        assertThat(uplink.target()).isEqualTo("first");
    }

    @Test
    void afterAQuietPeriod_thePreferredOneIsOnTrial() {
        failFor(30, first);
        Uplink.Session session = open();
        second.heard().welcome(WELCOME);
        assertThat(session.isReady()).isTrue();
        clock.seconds += 300;
        assertThat(session.isReady()).isFalse();
        assertThat(heard.calls).contains("retry-after 0");
        open();
        assertThat(uplink.target()).isEqualTo("first");
        first.heard().ended("refused");
        open();
        assertThat(uplink.target()).isEqualTo("second");
        clock.seconds += 300;
        open();
        first.heard().welcome(WELCOME);
        first.heard().ended("the collector restarts");
        open();
        assertThat(uplink.target()).isEqualTo("first");
    }

    private static final class ManualClock implements Clock {
        long seconds = 1_000;

        @Override
        public long wallNs() {
            return seconds * 1_000_000_000L;
        }

        @Override
        public long monotonicNs() {
            return seconds * 1_000_000_000L;
        }
    }

    private static final class FakeUplink implements Uplink {
        private final String name;
        private @Nullable Listener last;

        FakeUplink(String name) {
            this.name = name;
        }

        Listener heard() {
            if (last == null) {
                throw new AssertionError("no session was opened over " + name);
            }
            return last;
        }

        @Override
        public Session open(SessionHello hello, Listener listener) {
            last = listener;
            return new SilentSession();
        }

        @Override
        public String target() {
            return name;
        }

        @Override
        public void close() {
            last = null;
        }
    }

    private static final class SilentSession implements Uplink.Session {
        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void send(Stamped batch, Lane lane) {}

        @Override
        public void send(LostRange lost) {}

        @Override
        public void send(AgentStatus status) {}

        @Override
        public void send(CommandResult result) {}

        @Override
        public void send(ConfigReport report) {}

        @Override
        public void probe(long wallNs) {}

        @Override
        public void next() {}

        @Override
        public void finish() {}

        @Override
        public void abort(String reason) {}
    }

    /** What the forwarder would hear. */
    private static final class Heard implements Uplink.Listener {
        final List<String> calls = new ArrayList<>();

        @Override
        public void welcome(SessionWelcome welcome) {
            calls.add("welcome");
        }

        @Override
        public void acknowledged(List<SequenceRange> ranges, List<Rejected> rejected) {
            calls.add("acknowledged " + ranges);
        }

        @Override
        public void lossesKnown(long epoch, List<SequenceRange> ranges) {
            calls.add("losses " + ranges);
        }

        @Override
        public void credit(long bytes) {
            calls.add("credit " + bytes);
        }

        @Override
        public void retryAfter(long delayMillis, String reason) {
            calls.add("retry-after " + delayMillis);
        }

        @Override
        public void clockReply(long t1, long t2, long t3, long t4) {
            calls.add("clock");
        }

        @Override
        public void command(AgentCommand command) {
            calls.add("command");
        }

        @Override
        public void desiredConfig(long version, String yaml) {
            calls.add("config");
        }

        @Override
        public void ready() {
            calls.add("ready");
        }

        @Override
        public void wentBack(String reason) {
            calls.add("went back");
        }

        @Override
        public void ended(String reason) {
            calls.add("ended");
        }
    }
}
