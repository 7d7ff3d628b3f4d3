package io.tributary.agent.source.opcua;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.config.ConfigReader;
import io.tributary.model.Batch;
import io.tributary.model.Column;
import io.tributary.model.Table;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A source in front of Milo's own server in this process, and what it took. */
abstract class OpcuaLine {
    static final Duration PATIENCE = Duration.ofSeconds(30);
    static final String PATTERN = "[{pattern: \"{device}/{channel}\"}]";

    @TempDir
    Path directory;

    final OpcuaMetrics metrics = new OpcuaMetrics(new PrometheusRegistry());
    final FlakyIntake intake = new FlakyIntake(7, 0);
    final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        intake.close();
    }

    MiloServer server(String... variables) throws Exception {
        MiloServer server = new MiloServer(variables);
        open.add(server);
        return server;
    }

    OpcuaSource start(String endpoint, String nodes, String more) throws Exception {
        String yaml = "endpoint: " + endpoint + "\nnodes: " + nodes + "\n" + more.replaceAll("(?m)^ +", "") + "\n";
        OpcuaConfig config = ConfigReader.parse(yaml, "test", OpcuaConfig.class);
        OpcuaSource source = new OpcuaSource(
                config,
                "test-agent",
                directory.resolve("opcua"),
                directory.resolve("opcua.subscription"),
                intake,
                new SystemClock(),
                new SplittableRandom(1),
                metrics);
        open.add(source);
        source.start();
        return source;
    }

    static void await(Duration patience, java.util.concurrent.Callable<Boolean> condition) {
        org.awaitility.Awaitility.await()
                .atMost(patience)
                .pollInterval(Duration.ofMillis(10))
                .until(condition);
    }

    List<Long> values(String channel) {
        List<Long> values = new ArrayList<>();
        for (String reading : readings()) {
            String[] parts = reading.split(" ");
            if (parts[1].equals(channel)) {
                values.add(Long.parseLong(parts[3]));
            }
        }
        return values;
    }

    /** {@code device channel milliseconds value quality}, in sequence order. */
    List<String> readings() {
        List<String> readings = new ArrayList<>();
        for (Batch batch : intake.taken()) {
            for (Table table : batch.tables()) {
                add(batch, table, readings);
            }
        }
        return readings;
    }

    private static void add(Batch batch, Table table, List<String> readings) {
        int[] next = new int[table.columns().length];
        int row = 0;
        for (int run = 0; run < table.runDevice().length; run++) {
            String device = batch.devices().get(table.runDevice()[run]).id();
            for (int end = row + table.runLength()[run]; row < end; row++) {
                for (int i = 0; i < next.length; i++) {
                    Column column = table.columns()[i];
                    if (column.isPresent(row)) {
                        String channel =
                                batch.channels().get(table.channels()[i]).name();
                        readings.add(device + " " + channel + " " + table.eventTimes()[row] / 1_000_000 + " "
                                + value(column, next[i]) + " " + column.qualityAt(next[i]));
                        next[i]++;
                    }
                }
            }
        }
    }

    private static Object value(Column column, int index) {
        return switch (column.type()) {
            case DOUBLE -> column.doubles()[index];
            case LONG -> column.longs()[index];
            case BOOL -> column.longs()[index] != 0;
            case STRING -> column.strings()[index];
        };
    }
}
