package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The line as users run it: real processes, real data, kill -9 in the middle. */
final class EndToEndIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int KILLS = 10;
    private static final String VERIFIED = "lost 0 duplicated 0 altered 0 unexpected 0";

    private final Installation installation = new Installation(Path.of(System.getProperty("tributary.root", "..")));

    @TempDir
    Path directory;

    private List<String> replay(Line line, String mapping, Path ledger, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "replay",
                "--mapping",
                mapping,
                "--to",
                line.framesUrl(),
                "--ledger",
                ledger.toString(),
                "--max-backoff",
                "500ms",
                "--quiet"));
        arguments.addAll(List.of(more));
        try (Stream<Path> files = Files.list(installation.data().resolve(mapping))) {
            files.filter(file -> file.toString().endsWith(".csv.gz"))
                    .sorted()
                    .forEach(file -> arguments.add(file.toString()));
        }
        return arguments;
    }

    @Test
    void killedTenTimesEach_nothingIsLostDuplicatedOrAltered() throws Exception {
        try (Line line = new Line(installation, directory)) {
            line.start();
            Path nab = directory.resolve("nab.ledger");
            Path air = directory.resolve("air.ledger");
            Program first = line.simulate("air", replay(line, "beijing-air", air, "--rate", "8000"));
            Program second = line.simulate("nab", replay(line, "nab", nab, "--rate", "1500"));
            killBoth(line, new SplittableRandom(20261121));
            assertThat(first.awaitExit(PATIENCE))
                    .as("replay, see %s", first.log())
                    .isZero();
            assertThat(second.awaitExit(PATIENCE))
                    .as("replay, see %s", second.log())
                    .isZero();
            awaitDrained(line);
            verify(line, "verify-1", List.of(nab, air));
            Account account = Account.of(line);
            assertThat(account.sum()).isEqualTo(account.accepted);
            assertThat(account.missing).isZero();
            assertThat(account.replaced).isEqualTo(12);
            assertThat(account.stored).isEqualTo(236_005 - 12);

            replayAgain(line, account);
        }
    }

    private static void killBoth(Line line, SplittableRandom random) {
        int agentKills = 0;
        int collectorKills = 0;
        while (agentKills < KILLS || collectorKills < KILLS) {
            boolean agent = collectorKills == KILLS || (agentKills < KILLS && random.nextBoolean());
            long target = nextSequence(line) + random.nextLong(200, 8_000);
            Await.holds(Duration.ofSeconds(3), () -> nextSequence(line) >= target);
            if (agent) {
                line.killAgent();
                line.startAgent();
                agentKills++;
            } else {
                line.killCollector();
                line.startCollector();
                collectorKills++;
            }
        }
    }

    /** The same input once more stores nothing, and every reading of it is counted as a duplicate or a replacement. */
    private void replayAgain(Line line, Account before) throws Exception {
        Path nab = directory.resolve("nab-2.ledger");
        Path air = directory.resolve("air-2.ledger");
        Program first = line.simulate("air-2", replay(line, "beijing-air", air));
        Program second = line.simulate("nab-2", replay(line, "nab", nab));
        assertThat(first.awaitExit(PATIENCE)).isZero();
        assertThat(second.awaitExit(PATIENCE)).isZero();
        awaitDrained(line);
        Account after = Account.of(line);
        assertThat(after.accepted - before.accepted).isEqualTo(236_005);
        assertThat(after.stored).isEqualTo(before.stored);
        assertThat(after.sum()).isEqualTo(after.accepted);
        // The 12 times that came twice: the first value replaces what is stored, and the second that again.
        assertThat(after.replaced - before.replaced).isEqualTo(24);
        assertThat(after.duplicate - before.duplicate).isEqualTo(236_005 - 24);
        verify(line, "verify-2", List.of(directory.resolve("nab.ledger"), nab, directory.resolve("air.ledger"), air));
    }

    private static long nextSequence(Line line) {
        return (long) line.agentApi().metrics().sum("tributary_agent_next_sequence");
    }

    /** Everything the agent has is at the collector, and the collector knows it. */
    private static void awaitDrained(Line line) {
        Await.until(
                PATIENCE,
                () -> line.agentApi().metrics().sum("tributary_agent_outbox_readings") == 0
                        && Account.of(line).queued == 0
                        && Account.of(line).accepted == nextSequence(line),
                () -> "the outbox did not drain: " + Account.of(line));
    }

    private static void verify(Line line, String name, List<Path> ledgers) {
        Program verify = line.verify(name, ledgers);
        int exit = verify.awaitExit(PATIENCE);
        assertThat(verify.output()).as("see %s", verify.log()).contains(VERIFIED);
        assertThat(exit).isZero();
    }

    private record Account(
            long accepted,
            long stored,
            long duplicate,
            long replaced,
            long queued,
            long missing,
            long rejected,
            long evicted) {
        static Account of(Line line) {
            JsonNode account =
                    line.collectorApi().json("/api/v1/agents/demo-agent/gaps").get("account");
            Account of = new Account(
                    account.get("accepted").asLong(),
                    account.get("stored").asLong(),
                    account.get("duplicate").asLong(),
                    account.get("replaced").asLong(),
                    account.get("queued").asLong(),
                    account.get("missing").asLong(),
                    total(account.get("rejected")),
                    total(account.get("evicted")));
            Metrics metrics = line.collectorApi().metrics();
            assertThat((long) metrics.sum("tributary_collector_account_readings", "term=\"stored\""))
                    .isGreaterThanOrEqualTo(of.stored);
            return of;
        }

        private static long total(JsonNode causes) {
            long total = 0;
            for (JsonNode count : causes) {
                total += count.asLong();
            }
            return total;
        }

        long sum() {
            return stored + duplicate + replaced + queued + rejected + evicted;
        }
    }
}
