package io.tributary.agent.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.source.CommandSink;
import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommandDeskTest {
    private static final long SECOND = 1_000_000_000L;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final FakeSink sink = new FakeSink();
    private final List<CommandResult> told = new CopyOnWriteArrayList<>();
    private CommandDesk desk = desk();

    private CommandDesk desk() {
        return new CommandDesk(
                directory == null ? Path.of("unused") : directory.resolve("outbox.commands"),
                () -> List.of(sink),
                (id, action) -> new CommandResult(id, Outcome.DONE, action, 1),
                clock,
                told::add,
                new PrometheusRegistry());
    }

    private void start() throws Exception {
        desk = desk();
        desk.start();
    }

    @AfterEach
    void close() {
        desk.close();
    }

    @Test
    void command_isCarriedOutOnce_andItsResultToldAsOftenAsItIsAsked() throws Exception {
        start();
        sink.there = true;
        desk.command(publish("c1", 10));
        awaitTold(1);
        desk.command(publish("c1", 10));
        awaitTold(2);
        desk.close();
        start();
        desk.command(publish("c1", 10));
        awaitTold(3);

        assertThat(sink.carriedOut).hasSize(1);
        assertThat(told)
                .allMatch(result ->
                        result.outcome() == Outcome.DONE && result.id().equals("c1"));
    }

    @Test
    void agentThatEndsInTheMiddle_callsItUnknown_andDoesNotRepeatIt() throws Exception {
        start();
        sink.there = true;
        sink.answer = new CompletableFuture<>();
        desk.command(publish("c1", 10));
        await().until(() -> sink.carriedOut.size() == 1);
        desk.close();
        start();
        desk.command(publish("c1", 10));
        awaitTold(1);

        assertThat(told.get(0).outcome()).isEqualTo(Outcome.UNKNOWN);
        assertThat(sink.carriedOut).hasSize(1);
    }

    @Test
    void agentThatEndsWhileACommandWaits_carriesItOutAfterwards() throws Exception {
        start();
        desk.command(publish("c1", 10));
        await().until(() -> sink.asked > 1);
        desk.close();
        start();
        sink.there = true;
        desk.command(publish("c1", 10));
        awaitTold(1);

        assertThat(told.get(0).outcome()).isEqualTo(Outcome.DONE);
    }

    @Test
    void deviceThatDoesNotCome_letsTheCommandExpire() throws Exception {
        start();
        desk.command(publish("c1", 10));
        await().until(() -> sink.asked > 0);
        clock.advance(11 * SECOND);
        awaitTold(1);
        desk.command(publish("late", 0));
        awaitTold(2);

        assertThat(told).extracting(CommandResult::outcome).containsOnly(Outcome.EXPIRED);
        assertThat(sink.carriedOut).isEmpty();
    }

    @Test
    void commandThatWasNotSent_isTriedAgain() throws Exception {
        start();
        sink.there = true;
        sink.answer = CompletableFuture.completedFuture(new DeviceOutcome(DeviceOutcome.Kind.NOT_SENT, "gone"));
        desk.command(publish("c1", 10));
        await().until(() -> sink.carriedOut.size() > 1);
        sink.answer = CompletableFuture.completedFuture(new DeviceOutcome(DeviceOutcome.Kind.FAILED, "refused"));
        awaitTold(1);

        assertThat(told.get(0).outcome()).isEqualTo(Outcome.FAILED);
    }

    @Test
    void silentDevice_isUnknownWhenTheCommandExpires() throws Exception {
        start();
        sink.there = true;
        sink.answer = new CompletableFuture<>();
        desk.command(publish("c1", 10));
        await().until(() -> sink.carriedOut.size() == 1);
        clock.advance(11 * SECOND);
        awaitTold(1);

        assertThat(told.get(0).outcome()).isEqualTo(Outcome.UNKNOWN);
    }

    @Test
    void whatNothingHereCanDo_isUnsupported() throws Exception {
        start();
        long now = clock.wallNs();
        desk.command(new AgentCommand(
                "w", now, now + SECOND, new AgentCommand.ToSource("", new DeviceCommand.Write("ns=2;s=x", "1"))));
        desk.command(new AgentCommand("u", now, now + SECOND, new AgentCommand.Unknown()));
        desk.command(new AgentCommand(
                "s",
                now,
                now + SECOND,
                new AgentCommand.ToSource("other", new DeviceCommand.Publish("d", "t", new byte[0]))));
        desk.command(new AgentCommand("a", now, now + SECOND, new AgentCommand.ToAgent("diagnostics")));
        awaitTold(4);

        assertThat(told.subList(0, 3)).extracting(CommandResult::outcome).containsOnly(Outcome.UNSUPPORTED);
        assertThat(told.get(2).detail()).contains("no source \"other\"");
        assertThat(told.get(3).detail()).isEqualTo("diagnostics");
    }

    @Test
    void whatExpiredAnHourAgo_isForgotten_byTheCollectorsClock() throws Exception {
        CommandJournal journal = CommandJournal.open(directory.resolve("j"));
        journal.put(finished("old", 100 * SECOND));
        journal.collectorTime(3700 * SECOND);
        assertThat(journal.get("old")).isNotNull();
        journal.collectorTime(3701 * SECOND);
        assertThat(journal.get("old")).isNull();
        journal.close();
    }

    @Test
    void journal_isReadUpToWhatIsNotWhole() throws Exception {
        Path file = directory.resolve("j");
        CommandJournal journal = CommandJournal.open(file);
        journal.put(finished("one", 1));
        journal.put(finished("two", 2));
        journal.close();
        byte[] whole = java.nio.file.Files.readAllBytes(file);
        for (int length = 0; length <= whole.length; length++) {
            java.nio.file.Files.write(file, java.util.Arrays.copyOf(whole, length));
            CommandJournal opened = CommandJournal.open(file);
            assertThat(opened.get("two") == null).isEqualTo(length < whole.length);
            opened.put(finished("three", 3));
            opened.close();
            CommandJournal again = CommandJournal.open(file);
            assertThat(again.get("three")).isEqualTo(finished("three", 3));
            again.close();
        }
    }

    @Test
    void journal_hasTheDrawnBytes() {
        JournalRecord record =
                new JournalRecord(JournalRecord.State.FINISHED, 256, new CommandResult("c-1", Outcome.DONE, "ok", 2));

        assertThat(java.util.HexFormat.ofDelimiter(" ").formatHex(JournalFormat.record(record)))
                .isEqualTo("00 00 00 20 fa 47 b4 f1 02 00 00 00 00 00 00 01 00 00 00 00 00 00 00 00 02"
                        + " 00 03 63 2d 31 00 04 64 6f 6e 65 00 02 6f 6b");
    }

    private static JournalRecord finished(String id, long expiresNs) {
        return new JournalRecord(
                JournalRecord.State.FINISHED, expiresNs, new CommandResult(id, Outcome.DONE, "done", 1));
    }

    private AgentCommand publish(String id, long seconds) {
        long now = clock.wallNs();
        DeviceCommand command = new DeviceCommand.Publish("d", "set", "1".getBytes(StandardCharsets.UTF_8));
        return new AgentCommand(id, now, now + seconds * SECOND, new AgentCommand.ToSource("", command));
    }

    private void awaitTold(int results) {
        await().until(() -> told.size() >= results);
    }

    private static final class FakeSink implements CommandSink {
        final List<DeviceCommand> carriedOut = new CopyOnWriteArrayList<>();
        volatile boolean there;
        volatile int asked;
        volatile CompletableFuture<DeviceOutcome> answer =
                CompletableFuture.completedFuture(new DeviceOutcome(DeviceOutcome.Kind.DONE, "done"));

        @Override
        public String name() {
            return "fake";
        }

        @Override
        public boolean takes(DeviceCommand command) {
            return command instanceof DeviceCommand.Publish;
        }

        @Override
        @SuppressWarnings("NonAtomicVolatileUpdate") // one thread asks
        public CompletionStage<Boolean> reaches(DeviceCommand command) {
            asked++;
            return CompletableFuture.completedFuture(there);
        }

        @Override
        public CompletionStage<DeviceOutcome> carryOut(DeviceCommand command, String id, long deadlineNs) {
            carriedOut.add(command);
            return answer;
        }
    }
}
