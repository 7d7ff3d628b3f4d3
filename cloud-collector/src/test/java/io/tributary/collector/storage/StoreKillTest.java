package io.tributary.collector.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.collector.account.OriginAccount;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * kill -9 at random moments of a process that flushes, folds, lets expire and erases all the time: what it acknowledged
 * is there, once. {@code -Dkill.rounds=100} makes them many.
 */
final class StoreKillTest {
    @TempDir
    Path directory;

    private final TreeSet<Long> acknowledged = new TreeSet<>();
    private final Set<Long> begun = new TreeSet<>();
    private final Set<Long> erased = new TreeSet<>();

    @Test
    void killedAtAnyMoment_everythingAcknowledgedIsThereOnce() throws Exception {
        long seed = Long.getLong("kill.seed", System.nanoTime());
        Random random = new Random(seed);
        int rounds = Integer.getInteger("kill.rounds", 3);
        try {
            for (int round = 0; round < rounds; round++) {
                kill(next(), 30 + random.nextInt(150));
                check();
            }
        } catch (AssertionError e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private long next() {
        return acknowledged.isEmpty() ? 0 : acknowledged.last() + 1;
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
                note(line);
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

    private void note(String line) {
        long step = line.length() < 3 ? -1 : Long.parseLong(line.substring(2));
        switch (line.charAt(0)) {
            case 'A' -> acknowledged.add(step);
            case 'X' -> begun.add(step);
            case 'E' -> erased.add(step);
            default -> throw new AssertionError("line " + line);
        }
    }

    private void check() throws IOException {
        assertThat(acknowledged).isNotEmpty();
        long last = next() - 1;
        try (TimeSeriesEngine engine = StoreVictim.open(directory, new AtomicLong(last))) {
            ((RocksEngine) engine).finishLifecycle();
            OriginAccount account = engine.accounts().account(StoreVictim.ORIGIN);
            assertThat(account.receivedReadings())
                    .isEqualTo(account.stored()
                            + account.duplicate()
                            + account.replaced()
                            + account.expired()
                            + account.erased()
                            + account.rejectedReadings());
            assertThat(account.received()).first().satisfies(range -> {
                assertThat(range.first()).isZero();
                assertThat(range.end()).isGreaterThanOrEqualTo(StoreVictim.firstSequence(last + 1));
            });
            assertThat(account.received()).hasSize(1);
            for (String channel : List.of("a", "b")) {
                check(engine, channel, last);
            }
        }
    }

    private void check(TimeSeriesEngine engine, String channel, long last) {
        Map<String, Map<Long, Double>> found = new HashMap<>();
        long stored = 0;
        for (int i = 0; i < 5; i++) {
            Map<Long, Double> values = series(engine, "d" + i, channel);
            found.put("d" + i, values);
            stored += values.size();
        }
        assertThat(stored).isPositive();
        for (long step : acknowledged) {
            String device = StoreVictim.device(step);
            for (int row = 0; row < StoreVictim.ROWS; row++) {
                long event = StoreVictim.eventTime(step, row);
                Double value = found.getOrDefault(device, Map.of()).get(event);
                // The process may have gone a step further than it said.
                boolean mayBeGone =
                        covers(begun, channel, device, event, step) || StoreVictim.isExpired(channel, event, last + 2);
                boolean mustBeGone = covers(erased, channel, device, event, step);
                if (StoreVictim.isExpired(channel, event, last) || mustBeGone) {
                    assertThat(value)
                            .as("%s %s of step %d row %d", device, channel, step, row)
                            .isNull();
                } else if (!mayBeGone) {
                    assertThat(value)
                            .as("%s %s of step %d row %d", device, channel, step, row)
                            .isEqualTo(StoreVictim.value(step, row));
                }
            }
        }
    }

    private static boolean covers(Set<Long> erasures, String channel, String device, long event, long step) {
        for (long at : erasures) {
            ErasureRequest request = StoreVictim.erasure(at);
            if (step <= at
                    && channel.equals("a")
                    && request.device().equals(device)
                    && event >= request.fromNs()
                    && event < request.toNs()) {
                return true;
            }
        }
        return false;
    }

    private static Map<Long, Double> series(TimeSeriesEngine engine, String device, String channel) {
        Map<Long, Double> values = new HashMap<>();
        try (BlockCursor cursor = engine.reader().read(device, Set.of(channel), Long.MIN_VALUE, Long.MAX_VALUE, true)) {
            for (DeviceBlock block = cursor.next(); block != null; block = cursor.next()) {
                for (int i = 0; i < block.channels().size(); i++) {
                    SeriesSlice slice = block.slice(i);
                    for (int row = 0; row < slice.size(); row++) {
                        Double before = values.put(
                                slice.eventTimes()[row], slice.values().doubles()[row]);
                        assertThat(before)
                                .as("%s at %d twice", device, slice.eventTimes()[row])
                                .isNull();
                    }
                }
            }
        }
        return values;
    }
}
