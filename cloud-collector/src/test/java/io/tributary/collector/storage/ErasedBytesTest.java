package io.tributary.collector.storage;

import static io.tributary.collector.storage.TestEngine.SMALL;
import static io.tributary.collector.storage.TestEngine.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.tributary.collector.partition.RejectedRows;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Device;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * When an erasure is complete, no file of the data directory holds a byte of what was erased: tables, write-ahead logs,
 * segments of the log, dead letters. Values are such that no codec changes their bytes, and are found in files before.
 */
final class ErasedBytesTest {
    private static final String DEVICE = "secret";

    @TempDir
    Path base;

    private final Random random = new Random(5);
    private final List<byte[]> needles = new ArrayList<>();
    private final AtomicLong now = new AtomicLong(T0);
    private long sequence;

    /** A value whose bytes are searched for. */
    private double needle() {
        double value = Double.longBitsToDouble(random.nextLong() & 0x000fffffffffffffL | 0x4050000000000000L);
        needles.add(ByteBuffer.allocate(8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putDouble(value)
                .array());
        return value;
    }

    private String text() {
        byte[] bytes = new byte[12];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (' ' + random.nextInt(94));
        }
        needles.add(bytes);
        return new String(bytes, StandardCharsets.US_ASCII);
    }

    private Batch secret(int second) {
        return new BatchBuilder()
                .row(Device.of(DEVICE), T0 + second * 1_000_000_000L, T0)
                .set("t", needle())
                .set("s", text())
                .build();
    }

    private static Batch kept(int second) {
        return new BatchBuilder()
                .row(Device.of("kept"), T0 + second * 1_000_000_000L, T0)
                .set("t", 1.5)
                .build();
    }

    private void append(TestEngine engine, Batch batch) {
        engine.append("agent", 1, sequence, batch);
        sequence += batch.readingCount();
    }

    private void reject(TestEngine engine, byte[] payload, String detail) {
        Batch kept = kept((int) sequence);
        engine.appendRejected(
                "agent",
                1,
                sequence,
                kept,
                new long[][] {{sequence + 2}},
                new RejectedRows(new SequenceRange(sequence, 2), 2, "odd", detail, payload));
        sequence += 3;
    }

    /** Kinds of files, by their ending, in which any of the values is found. */
    private TreeSet<String> found() throws IOException {
        TreeSet<String> kinds = new TreeSet<>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(base)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
            for (byte[] needle : needles) {
                if (text.contains(new String(needle, StandardCharsets.ISO_8859_1))) {
                    kinds.add(file.getFileName().toString().replaceAll(".*\\.", ""));
                }
            }
        }
        return kinds;
    }

    @Test
    void noFileHoldsThem_onceItIsComplete() throws IOException {
        LifecycleOptions options = new LifecycleOptions(
                null,
                List.of(),
                List.of(new RollupLevel(Duration.ofSeconds(1), null)),
                Duration.ofSeconds(1),
                Duration.ofHours(1));
        try (TestEngine engine = new TestEngine(base, SMALL, options, () -> Instant.ofEpochSecond(0, now.get()))) {
            for (int i = 0; i < 20; i++) {
                append(engine, secret(i));
                append(engine, kept(i));
            }
            engine.engine.flush();
            engine.finishLifecycle();
            reject(engine, BatchCodec.encode(secret(100)), "batch of the device alone");
            BatchBuilder both = new BatchBuilder();
            both.append(secret(101), T0);
            both.append(kept(102), T0);
            reject(engine, BatchCodec.encode(both.build()), "batch of two devices");
            byte[] poison = (DEVICE + "=" + text()).getBytes(StandardCharsets.US_ASCII);
            reject(engine, poison, "no batch");
            reject(engine, "other=1".getBytes(StandardCharsets.US_ASCII), "no batch");
            for (int i = 20; i < 30; i++) {
                append(engine, secret(i));
            }
            assertThat(found()).contains("segment");
        }
        assertThat(found()).contains("segment", "sst");
        try (TestEngine engine = new TestEngine(base, SMALL, options, () -> Instant.ofEpochSecond(0, now.get()))) {
            ErasureStatus status = engine.engine
                    .erasures()
                    .erase(new ErasureRequest(DEVICE, List.of(), false, Long.MIN_VALUE, Long.MAX_VALUE));
            assertThat(status.readings()).isEqualTo(60);
            now.addAndGet(Duration.ofSeconds(10).toNanos());
            engine.finishLifecycle();
            assertThat(engine.engine.erasures().get(status.id()))
                    .extracting(ErasureStatus::stage)
                    .isEqualTo(ErasureStatus.Stage.PURGED);
            assertThat(found()).isSubsetOf("segment");
            letters(engine);
            append(engine, kept(5000));
            await().untilAsserted(() -> {
                now.addAndGet(Duration.ofHours(2).toNanos()); // files of the log go when they are older than an hour
                assertThat(found()).isEmpty();
            });
            assertThat(engine.series("kept", "t")).hasSizeGreaterThan(20);
        }
        assertThat(found()).isEmpty();
    }

    private static void letters(TestEngine engine) {
        List<DeadLetter> left = engine.engine.deadLetters().list(null, 10, -1);
        assertThat(left).extracting(DeadLetter::detail).containsExactly("batch of two devices", "no batch");
        try {
            Batch rest = BatchCodec.decode(left.get(0).payload(), BatchLimits.DEFAULT);
            assertThat(rest.devices()).extracting(Device::id).containsExactly("kept");
            assertThat(rest.readingCount()).isEqualTo(1);
        } catch (InvalidBatchException e) {
            throw new AssertionError(e);
        }
    }
}
