package io.tributary.agent.source.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.source.Contexts;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Source;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FileSourceTest {
    private static final String PLAIN = "decode: {type: plain, device: d}\n";

    @TempDir
    Path directory;

    private final List<Source> open = new ArrayList<>();
    private final ManualClock clock = new ManualClock();
    private PrometheusRegistry registry = new PrometheusRegistry();
    private FlakyIntake intake = new FlakyIntake(1, 0);
    private Path file = Path.of("unset");

    @BeforeEach
    void name() {
        file = directory.resolve("in.csv");
    }

    @AfterEach
    void closeAll() {
        open.forEach(Source::close);
        intake.close();
    }

    private Source start(String keys) throws Exception {
        registry = new PrometheusRegistry();
        Source source = Contexts.config(FileConfig.class, "path: " + file + "\npoll: 1ms\n" + keys)
                .open(Contexts.context(intake, clock, directory.resolve("state"), registry));
        open.add(source);
        source.start();
        return source;
    }

    private void append(String text) throws IOException {
        Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }

    private List<Double> values() {
        return Contexts.shown(intake.taken()).stream()
                .map(shown -> Double.parseDouble(shown.substring(shown.indexOf('=') + 1)))
                .toList();
    }

    private void awaitValues(double... expected) {
        await().untilAsserted(() -> assertThat(values()).containsExactly(box(expected)));
    }

    private static Double[] box(double... values) {
        return java.util.Arrays.stream(values).boxed().toArray(Double[]::new);
    }

    @Test
    void linesThatAreComplete_areTaken() throws Exception {
        start(PLAIN);
        append("1\n2\r\n\n3");
        awaitValues(1, 2);
        append("4\n");
        awaitValues(1, 2, 34);
    }

    @Test
    void headerNamesColumns_alsoAfterARestart() throws Exception {
        append("when;temp;note\n1;20.5;\"a;b\"\nbroken\n");
        Source first =
                start("header: true\ndecode: {type: csv, separator: ';', time: when, time-format: s, device: d}\n");
        await().until(() -> intake.readings() == 2 && intake.letters().size() == 1);
        first.close();
        append("2;21;\n");
        start("header: true\ndecode: {type: csv, separator: ';', time: when, time-format: s, device: d}\n");
        await().until(() -> intake.readings() == 3);
        assertThat(Contexts.shown(intake.taken()))
                .containsExactly("d temp@1000000000=20.5", "d note@1000000000=a;b", "d temp@2000000000=21.0");
    }

    @Test
    void position_outlivesTheSource_andEndMeansEnd() throws Exception {
        append("1\n");
        Source first = start(PLAIN + "from: end\n");
        await().until(() -> Files.exists(directory.resolve("state/file.position")));
        append("2\n");
        awaitValues(2);
        first.close();
        append("3\n");
        start(PLAIN + "from: end\n");
        awaitValues(2, 3);
    }

    @Test
    void rotation_readsTheOldToItsEnd_alsoWhileAway() throws Exception {
        append("1\n");
        Source first = start(PLAIN);
        awaitValues(1);
        append("2\n");
        Path old = directory.resolve("in.csv.1");
        Files.move(file, old);
        Files.writeString(old, "3", StandardOpenOption.APPEND); // by who has it open still, and without a break
        append("4\n");
        awaitValues(1, 2, 3, 4);
        first.close();
        append("5\n");
        Files.move(file, directory.resolve("in.csv.2"));
        append("6\n");
        start(PLAIN);
        awaitValues(1, 2, 3, 4, 5, 6);
    }

    @Test
    void truncation_startsOver_alsoWhenItHasGrownMeanwhile() throws Exception {
        append("1\n2\n");
        Source first = start(PLAIN);
        awaitValues(1, 2);
        Files.writeString(file, "3\n", StandardOpenOption.TRUNCATE_EXISTING);
        awaitValues(1, 2, 3);
        first.close();
        Files.writeString(file, "7\n8\n9\n", StandardOpenOption.TRUNCATE_EXISTING);
        start(PLAIN);
        awaitValues(1, 2, 3, 7, 8, 9);
    }

    @Test
    void tooLongALine_isALetter_andTheNextIsRead() throws Exception {
        append("1\n" + "x".repeat(300_000) + "\n2\n" + "y".repeat(600_000));
        start(PLAIN + "line-bytes-max: 1KiB\n");
        awaitValues(1, 2);
        append("\n3\n");
        awaitValues(1, 2, 3);
        assertThat(intake.letters()).hasSize(2).allMatch(letter -> letter.contains("longer than 1KiB"));
    }

    @Test
    void poisonForTheIntake_isALetter_andTheOthersAreTaken() throws Exception {
        intake.refuseForGood(batch -> Contexts.shown(List.of(batch)).stream().anyMatch(each -> each.endsWith("=2.0")));
        append("1\n2\n3\n");
        start(PLAIN);
        awaitValues(1, 3);
        await().until(() -> intake.letters().size() == 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void restartsAtAnyMoment_takeEveryLineOnce_byItsStamp(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        intake = new FlakyIntake(seed, 0.3);
        int count = 0;
        intake.refuseForGood(batch -> rememberPosition());
        for (int round = 0; round < 12; round++) {
            Source source = start(PLAIN);
            for (int i = random.nextInt(30); i > 0; i--) {
                append(count++ + "\n");
                clock.advance(random.nextInt(1, 1000));
            }
            if (random.nextBoolean()) {
                int last = count;
                await().until(() -> last == 0 || values().contains((double) last - 1));
            }
            source.close();
            if (random.nextBoolean() && atLastGroup.length > 0) {
                // As if killed when the last group was taken, and its position not yet written.
                Files.write(directory.resolve("state/file.position"), atLastGroup);
            }
        }
        start(PLAIN);
        int expected = count;
        await().until(() -> new HashSet<>(Contexts.shown(intake.taken())).size() == expected
                && values().contains((double) expected - 1));
        assertThat(new HashSet<>(values())).hasSize(expected);
        assertThat(new HashSet<>(Contexts.shown(intake.taken())))
                .as("a line has one stamp")
                .hasSize(expected);
        assertThat(intake.letters()).isEmpty();
    }

    /** The position as it was when a group was handed in: what a kill leaves behind until the next write. */
    private volatile byte[] atLastGroup = {};

    private boolean rememberPosition() {
        try {
            atLastGroup = Files.readAllBytes(directory.resolve("state/file.position"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return false;
    }

    @Test
    void damagedPosition_stopsTheStart() throws Exception {
        append("1\n");
        Files.createDirectories(directory.resolve("state"));
        Files.writeString(directory.resolve("state/file.position"), "nonsense");
        assertThatThrownBy(() -> start(PLAIN))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds \"nonsense\"");
    }

    @Test
    void manyLines_areTakenInOrder() throws Exception {
        StringBuilder lines = new StringBuilder();
        IntStream.range(0, 20_000).forEach(i -> lines.append(i).append('\n'));
        append(lines.toString());
        intake = new FlakyIntake(3, 0.2);
        start(PLAIN);
        await().until(() -> intake.readings() == 20_000);
        assertThat(values()).isSorted().hasSize(20_000);
        await().until(() -> Contexts.sum(registry, "tributary_agent_file_lines") == 20_000);
    }
}
