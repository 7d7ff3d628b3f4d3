package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at random moments of a process that flushes, folds, lets expire, erases and computes rollups all the time: its
 * store is what {@link VictimModel} says. {@code -Pfaults} and {@code -Dkill.rounds=100} make them many.
 */
final class StoreKillTest {
    /** Of the first run, so that retention has something to drop in each. */
    private static final int FIRST_LINES = 130;

    @TempDir
    Path directory;

    private final VictimModel model = new VictimModel();

    @Test
    void killedAtAnyMoment_whatIsThereAndWhatIsGoneIsRight() throws Exception {
        long seed = Long.getLong("kill.seed", System.nanoTime());
        Random random = new Random(seed);
        int rounds = Integer.getInteger("kill.rounds", 3);
        try {
            for (int round = 0; round < rounds; round++) {
                kill(model.next(), (round == 0 ? FIRST_LINES : 30) + random.nextInt(120));
                model.check(directory);
            }
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
        assertThat(model.mustBeGone()).isPositive();
        assertThat(model.expiredWindows()).isPositive();
    }

    private void kill(long firstStep, int lines) throws IOException, InterruptedException {
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        StoreVictim.class.getName(),
                        directory.toString(),
                        Long.toString(firstStep))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(victim.getInputStream(), StandardCharsets.UTF_8))) {
            String line = out.readLine();
            for (int i = 0; line != null; i++) {
                model.note(line);
                if (i == lines) {
                    victim.toHandle().destroyForcibly(); // unlike the process's own, it leaves the pipe open
                }
                line = out.readLine(); // what it said before it died counts
            }
            victim.waitFor();
        } finally {
            victim.destroyForcibly();
        }
    }
}
