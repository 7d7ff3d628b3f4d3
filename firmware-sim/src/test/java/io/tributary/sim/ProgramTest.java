package io.tributary.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.sim.link.FakeAgent;
import io.tributary.sim.verify.FakeCollector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The program from its command line to an agent and back from a collector, both fakes. */
class ProgramTest {
    private static final Path ROOT = Path.of(System.getProperty("tributary.root"));
    private static final Path SAMPLES = ROOT.resolve("firmware-sim/src/test/resources/samples");
    private static final String CLEAN = "lost 0 duplicated 0 altered 0 unexpected 0";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @Test
    void machine_temperature_arrives_with_its_12_replaced_readings() throws Exception {
        Path file = ROOT.resolve("deploy/data/nab/machine_temperature_system_failure.csv.gz");
        Path ledger = directory.resolve("ledger");
        try (FakeAgent agent = new FakeAgent(false, new FakeAgent.Faults(2, 2, 2, 0), 1);
                FakeCollector collector = new FakeCollector()) {
            ProgramRun run = send(agent, "replay", "--mapping", "nab", "--ledger", ledger.toString(), file.toString());
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.figure("rows")).isEqualTo(22_695);
            assertThat(run.figure("acknowledged")).isEqualTo(22_695);
            assertThat(agent.stored()).hasSize(22_683);

            fill(collector, agent);
            ProgramRun verify = verify(collector, ledger);
            assertThat(verify.code()).isZero();
            assertThat(verify.out()).endsWith(CLEAN + System.lineSeparator()).contains("replaced 12");
        }
    }

    @Test
    void stations_of_beijing_arrive_merged_in_utc_with_na_absent() throws Exception {
        List<String> arguments = new ArrayList<>();
        Path ledger = directory.resolve("ledger");
        arguments.addAll(List.of(
                "replay",
                "--mapping",
                ROOT.resolve("firmware-sim/mappings/beijing-air.yaml").toString()));
        arguments.addAll(List.of("--protocol", "batches", "--ledger", ledger.toString()));
        try (Stream<Path> files = Files.list(ROOT.resolve("deploy/data/beijing-air"))) {
            files.sorted().forEach(file -> arguments.add(file.toString()));
        }
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1);
                FakeCollector collector = new FakeCollector()) {
            ProgramRun run = send(agent, arguments.toArray(String[]::new));
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.figure("rows")).isEqualTo(12 * 1416);
            assertThat(run.figure("malformed_cells")).isZero();
            assertThat(run.figure("acknowledged")).isEqualTo(agent.stored().size());
            long first = Instant.parse("2016-12-31T16:00:00Z").getEpochSecond() * 1_000_000_000L;
            assertThat(agent.stored().keySet()).allMatch(key -> key.eventTimeNs() >= first);
            assertThat(agent.stored()).containsKey(new FakeAgent.Key("Changping", "pm2_5", first));
            assertThat(agent.stored().values()).doesNotContain("NA");
            fill(collector, agent);
            assertThat(verify(collector, ledger).out()).contains(CLEAN);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ampds2-meter, Water_WHW.csv, 2, 6, Water_WHW, counter, 1333263660000000000, 104.035",
        "ampds2-electricity, Electricity_B1E-last.csv, 2, 22, Electricity_B1E-last, reactive_power, 1393263060000000000, -1",
        "balloons, irma_balloon1.csv, 2, 32, balloon1, gps_time, 1716534001000000000, 07:01:59",
        "tsbs-iot, iot.lp, 2, 5, truck_0, latitude, 1451606400000000000, 52.25",
    })
    void each_mapping_reads_its_data_set(
            String mapping,
            String file,
            long rows,
            long readings,
            String device,
            String channel,
            long time,
            String value)
            throws Exception {
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1)) {
            ProgramRun run = send(
                    agent, "replay", "--mapping", mapping, SAMPLES.resolve(file).toString());
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.figure("rows")).isEqualTo(rows);
            assertThat(run.figure("acknowledged")).isEqualTo(readings);
            Object stored = agent.stored().get(new FakeAgent.Key(device, channel, time));
            assertThat(String.valueOf(stored)).isEqualTo(value);
        }
    }

    @ParameterizedTest
    @CsvSource({"frames", "batches", "lines"})
    void a_fleet_with_every_fault_is_accounted_for(String protocol) throws Exception {
        Path ledger = directory.resolve("ledger");
        FakeAgent.Faults faults = new FakeAgent.Faults(1, 1, 2, 2);
        try (FakeAgent agent = new FakeAgent(protocol.equals("lines"), faults, 3);
                FakeCollector collector = new FakeCollector()) {
            ProgramRun run = send(
                    agent,
                    "fleet --devices 20 --channels 8 --steps 60 --interval 1s --late 5 --duplicate 3 --out-of-order 5"
                            + " --batch 100 --max-backoff 5ms --connections 2 --protocol "
                            + protocol
                            + " --ledger "
                            + ledger);
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.figure("duplicate_rows")).isPositive();
            assertThat(run.figure("late_rows")).isPositive();
            assertThat(run.figure("out_of_order_rows")).isPositive();
            assertThat(run.figure("rows")).isEqualTo(20 * 60 + run.figure("duplicate_rows"));
            assertThat(run.figure("acknowledged") + run.figure("rejected")).isEqualTo(run.figure("readings"));
            fill(collector, agent);
            ProgramRun verify = verify(collector, ledger);
            assertThat(verify.out()).contains(CLEAN);
            assertThat(verify.code()).isZero();
        }
    }

    @Test
    void verify_tells_what_is_missing_and_fails() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 3);
                FakeCollector collector = new FakeCollector()) {
            assertThat(send(agent, "fleet --devices 2 --steps 3 --ledger " + ledger)
                            .code())
                    .isZero();
            fill(collector, agent);
            collector.readings().remove(0);
            ProgramRun verify = verify(collector, ledger);
            assertThat(verify.code()).isEqualTo(1);
            assertThat(verify.out()).contains("lost 1 duplicated 0 altered 0 unexpected 0");
            ProgramRun json = ProgramRun.of(
                    "verify",
                    "--json",
                    "--ledger",
                    ledger.toString(),
                    "--collector",
                    collector.uri().toString());
            assertThat(json.figure("lost")).isEqualTo(1);
        }
    }

    @Test
    void shifted_times_end_or_begin_now() throws Exception {
        String file = SAMPLES.resolve("Water_WHW.csv").toString();
        long now = ProgramRun.NOW.getEpochSecond() * 1_000_000_000L;
        for (String shift : List.of("--shift", "--shift=last", "--shift=first")) {
            try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1)) {
                assertThat(send(agent, "replay", "--mapping", "ampds2-meter", shift, file)
                                .code())
                        .isZero();
                long other = shift.endsWith("first") ? now + 60_000_000_000L : now - 60_000_000_000L;
                assertThat(agent.stored().keySet().stream().map(FakeAgent.Key::eventTimeNs))
                        .containsOnly(now, other);
            }
        }
    }

    @Test
    void a_replay_at_speed_and_with_a_limit_sends_the_first_rows() throws Exception {
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 1)) {
            String file = ROOT.resolve("deploy/data/nab/speed_6005.csv.gz").toString();
            ProgramRun run = send(agent, "replay", "--mapping", "nab", "--speed", "1000000", "--limit", "50", file);
            assertThat(run.code()).isZero();
            assertThat(agent.readings()).isEqualTo(50);
            assertThat(agent.stored().keySet()).allMatch(key -> key.device().equals("speed_6005"));
        }
    }

    @Test
    void a_requested_end_leaves_a_ledger_that_agrees_with_the_summary() throws Exception {
        Path ledger = directory.resolve("ledger");
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 3);
                FakeCollector collector = new FakeCollector()) {
            StopSignal stop = new StopSignal();
            String[] arguments = withTarget(
                    agent, "fleet --devices 3 --duration 1000h --speed 1 --batch 1 --interval 10ms --ledger " + ledger);
            CompletableFuture<ProgramRun> running = CompletableFuture.supplyAsync(() -> ProgramRun.of(stop, arguments));
            await().atMost(Duration.ofSeconds(30)).until(() -> agent.readings() > 0);
            stop.request();
            ProgramRun run = running.get(30, TimeUnit.SECONDS);
            assertThat(run.code()).isEqualTo(130);
            assertThat(run.figure("acknowledged")).isEqualTo(agent.readings());
            fill(collector, agent);
            assertThat(verify(collector, ledger).out()).contains(CLEAN);
        }
    }

    @Test
    void giving_up_is_a_failure_that_says_why() throws Exception {
        int port;
        try (FakeAgent agent = new FakeAgent(false, FakeAgent.Faults.NONE, 3)) {
            port = agent.port();
        }
        ProgramRun run = ProgramRun.of(
                "fleet",
                "--devices",
                "1",
                "--steps",
                "1",
                "--to",
                "tcp://127.0.0.1:" + port,
                "--give-up-after",
                "10ms");
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.err()).contains("gave up").contains("127.0.0.1:" + port);
        assertThat(run.out()).contains("unsent 7");
    }

    @Test
    void everything_refused_is_a_failure() throws Exception {
        try (FakeAgent agent = new FakeAgent(false, new FakeAgent.Faults(0, 0, 0, 100), 3)) {
            ProgramRun run = send(agent, "fleet --devices 1 --steps 1");
            assertThat(run.code()).isEqualTo(1);
            assertThat(run.figure("rejected")).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--help|0|Usage",
                "--version|0|firmware-sim",
                "replay --help|0|--mapping",
                "fleet --help|0|--shape",
                "verify --help|0|--collector",
                "''|2|which sub-command",
                "play|2|play",
                "replay x.csv|2|--to",
                "fleet --to ftp://h:1 --steps 1|2|tcp://host:port",
                "fleet --to udp://nowhere.invalid:1 --steps 1|1|nowhere.invalid",
                "fleet --to tcp://h:1|2|--steps",
                "fleet --to tcp://h:1 --steps 0|2|0 steps",
                "fleet --to tcp://h:1 --steps 1 --late 101|2|101",
                "fleet --to tcp://h:1 --steps 1 --speed 0|2|above 0",
                "fleet --to tcp://h:1 --steps 1 --shape round|2|reference-rounded",
                "fleet --to tcp://h:1 --steps 1 --interval 10|2|500ms",
                "fleet --to tcp://h:1 --steps 1 --window 0|2|window",
                "fleet --to tcp://h:1 --steps 1 --shape reference --channels 5|2|ten",
                "replay --to tcp://h:1 --mapping nowhere.yaml x.csv|2|no such file",
                "replay --to tcp://h:1 --mapping nab nowhere.csv|1|no such file",
                "verify --ledger nowhere --collector http://h:1|2|no such file",
                "verify --ledger pom.xml --collector h:1|2|http://host:port",
            })
    void usage_is_checked(String line, int code, String message) {
        ProgramRun run = ProgramRun.of(line.isEmpty() ? new String[0] : line.split(" "));
        assertThat(run.out() + run.err()).contains(message);
        assertThat(run.code()).isEqualTo(code);
    }

    private static ProgramRun send(FakeAgent agent, String line) {
        return ProgramRun.of(withTarget(agent, line));
    }

    private static String[] withTarget(FakeAgent agent, String line) {
        return (line + " --json --to tcp://127.0.0.1:" + agent.port()).split(" ");
    }

    private static ProgramRun send(FakeAgent agent, String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.addAll(1, List.of("--json", "--to", "tcp://127.0.0.1:" + agent.port(), "--max-backoff", "5ms"));
        return ProgramRun.of(all.toArray(String[]::new));
    }

    private static ProgramRun verify(FakeCollector collector, Path ledger) {
        return ProgramRun.of(
                "verify",
                "--ledger",
                ledger.toString(),
                "--collector",
                collector.uri().toString());
    }

    private static void fill(FakeCollector collector, FakeAgent agent) throws IOException {
        for (Map.Entry<FakeAgent.Key, Object> entry : agent.stored().entrySet()) {
            collector.add(
                    entry.getKey().device(),
                    entry.getKey().channel(),
                    entry.getKey().eventTimeNs(),
                    entry.getValue());
        }
    }
}
