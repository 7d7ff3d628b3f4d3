package io.tributary.agent.source.exec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.source.Contexts;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Source;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExecSourceTest {
    private static final String PLAIN = "decode: {type: plain, device: d}\nrestart-min: 1ms\nrestart-max: 5ms\n";

    @TempDir
    Path directory;

    private final List<Source> open = new ArrayList<>();
    private final PrometheusRegistry registry = new PrometheusRegistry();
    private FlakyIntake intake = new FlakyIntake(1, 0);

    @AfterEach
    void closeAll() {
        open.forEach(Source::close);
        intake.close();
    }

    private Source start(String script, String keys) throws Exception {
        Path file = Files.writeString(directory.resolve("script"), script);
        Source source = Contexts.config(
                        ExecConfig.class, "command: [sh, " + file + "]\ndirectory: " + directory + "\n" + PLAIN + keys)
                .open(Contexts.context(intake, new SystemClock(), directory, registry));
        open.add(source);
        source.start();
        return source;
    }

    private double metric(String name) {
        return Contexts.sum(registry, "tributary_agent_exec_" + name);
    }

    private List<String> values() {
        return Contexts.shown(intake.taken()).stream()
                .map(shown -> shown.substring(shown.indexOf('=') + 1))
                .toList();
    }

    @Test
    void lines_areTakenInOrder_whateverTheIntakeRefuses() throws Exception {
        intake = new FlakyIntake(3, 0.3);
        start("i=0; while [ $i -lt 2000 ]; do echo $i; i=$((i+1)); done; sleep 1000", "pending-bytes-max: 64KiB\n");
        await().until(() -> intake.readings() == 2000);
        assertThat(values())
                .containsExactlyElementsOf(
                        LongStream.range(0, 2000).mapToObj(i -> i + ".0").toList());
        long[] times = intake.taken().stream()
                .flatMap(batch -> batch.tables().stream())
                .flatMapToLong(table -> LongStream.of(table.eventTimes()).limit(table.rows()))
                .toArray();
        assertThat(times).doesNotHaveDuplicates();
    }

    @Test
    void aCommandThatEnds_isStartedAgain_andItsFailuresAreCounted() throws Exception {
        start("echo 1; echo trouble >&2; exit 3", "");
        await().until(() -> intake.readings() >= 3 && metric("error_lines") >= 3);
        assertThat(metric("ends")).isGreaterThanOrEqualTo(2);
    }

    @Test
    void withAnInterval_itRunsOncePerInterval() throws Exception {
        start("echo 1", "interval: 1ms\n");
        await().until(() -> metric("starts") >= 3);
    }

    @Test
    void aRunThatTakesTooLong_isEndedWithItsChildren() throws Exception {
        start("echo 1; sleep 1000; echo 2", "interval: 1ms\ntimeout: 200ms\n");
        await().until(() -> metric("starts") >= 2);
        assertThat(values()).doesNotContain("2.0");
    }

    @Test
    void aCommandThatIsNotThere_isTriedAgain() throws Exception {
        Source source = Contexts.config(ExecConfig.class, "command: [/does/not/exist]\n" + PLAIN)
                .open(Contexts.context(intake, new SystemClock(), directory, registry));
        open.add(source);
        source.start();
        await().until(() -> metric("ends") >= 3);
    }

    @Test
    void badAndLongLines_areLetters() throws Exception {
        start(
                "echo; echo; head -c 1000 /dev/zero | tr '\\\\0' 7; echo; echo 5; sleep 1000",
                "line-bytes-max: 128B\nvalue: x\n".replace("value: x\n", ""));
        await().until(() -> intake.letters().size() == 1 && intake.readings() == 1);
        assertThat(intake.letters().get(0)).contains("longer than 128B");
    }

    @Test
    void close_endsTheCommandAndTakesWhatItHasPrinted() throws Exception {
        Source source = start("trap 'echo 9; exit 0' TERM; echo 1; while :; do sleep 0.01; done", "");
        await().until(() -> intake.readings() == 1);
        source.close();
        await().until(() -> intake.readings() == 2);
        assertThat(values()).containsExactly("1.0", "9.0");
    }
}
