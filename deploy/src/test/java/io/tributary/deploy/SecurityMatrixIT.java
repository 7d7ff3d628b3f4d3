package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every attempt at every listener of both programs, as the tables of SECURITY.md say how it ends: refused with words that
 * tell nothing they should not, and a line in the audit log; what is allowed is taken.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SecurityMatrixIT {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Path ROOT = Path.of(System.getProperty("tributary.root"));
    /** Of a stack trace, a class, a file of the server's. */
    private static final Pattern INNARDS =
            Pattern.compile("Exception|\\bat [a-z]+\\.|java\\.|io\\.(tributary|netty|grpc)|\\.pem|\\.yaml|/tmp/");

    private @Nullable MatrixCollector collector;
    private @Nullable MatrixAgent agent;

    @BeforeAll
    void start(@TempDir Path files) throws Exception {
        Installation installation = new Installation(ROOT);
        collector = new MatrixCollector(installation, files);
        agent = new MatrixAgent(installation, files);
    }

    @AfterAll
    void stop() {
        if (agent != null) {
            agent.close();
        }
        if (collector != null) {
            collector.close();
        }
    }

    @TestFactory
    List<DynamicTest> collector() throws Exception {
        MatrixCollector at = Objects.requireNonNull(collector);
        return tests("### At the collector", at.attempts(), at::auditLines, at.secrets());
    }

    @TestFactory
    List<DynamicTest> agent() throws Exception {
        MatrixAgent at = Objects.requireNonNull(agent);
        return tests("### At the agent", at.attempts(), at::auditLines, at.secrets());
    }

    private List<DynamicTest> tests(
            String heading, Attempts attempts, Callable<List<String>> audit, List<String> secrets) throws Exception {
        Map<String, Map<String, String>> expected = SecurityTable.under(ROOT.resolve("SECURITY.md"), heading);
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest(
                "the page has every attempt",
                () -> assertThat(columns(expected)).containsExactlyInAnyOrderEntriesOf(columns(attempts.byRow()))));
        attempts.byRow()
                .forEach((row, cells) -> cells.forEach((column, attempt) -> {
                    String word = expected.getOrDefault(row, Map.of()).get(column);
                    if (word != null) {
                        tests.add(DynamicTest.dynamicTest(
                                row + " -> " + column, () -> tryOne(attempt, word, audit, secrets)));
                    }
                }));
        return tests;
    }

    private static Map<String, List<String>> columns(Map<String, ? extends Map<String, ?>> table) {
        Map<String, List<String>> columns = new LinkedHashMap<>();
        table.forEach((row, cells) ->
                columns.put(row, cells.keySet().stream().sorted().toList()));
        return columns;
    }

    private static void tryOne(
            Attempts.Attempt attempt, String word, Callable<List<String>> audit, List<String> secrets)
            throws Exception {
        int before = refusals(audit);
        Outcome outcome = attempt.make();

        assertThat(outcome.word()).as(outcome.said()).isEqualTo(word);
        assertThat(INNARDS.matcher(outcome.said()).find()).as(outcome.said()).isFalse();
        assertThat(secrets).noneMatch(outcome.said()::contains);
        if (outcome.isRefusal()) {
            Await.until(PATIENCE, () -> refusals(audit) > before, () -> "no audit line for " + outcome);
        }
        String log = String.join("\n", audit.call());
        assertThat(secrets).noneMatch(log::contains);
    }

    private static int refusals(Callable<List<String>> audit) {
        try {
            return (int) audit.call().stream()
                    .filter(line -> line.contains("\"outcome\":\"refused\""))
                    .count();
        } catch (Exception e) {
            throw new IllegalStateException("the audit log cannot be read", e);
        }
    }
}
