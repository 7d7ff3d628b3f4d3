package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.tributary.column.ByteSink;
import io.tributary.column.LongCodec;
import io.tributary.proto.v1.BatchBody;
import io.tributary.proto.v1.Compression;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Bytes that are damaged or made to hurt: refused with a reason, before memory is taken for what they claim. */
class HostileBatchTest {
    private static final BatchLimits LIMITS = new BatchLimits(1 << 20, 1 << 20, 10_000, 1000);
    /** Arrays for 10,000 readings, rows and lags are 8 bytes each; names and temporary columns come on top. */
    private static final long ALLOCATED_MAX = 16 << 20;

    private static final int ROUNDS = 30_000;

    @Test
    void damagedBody_isReadOrRefused() throws Exception {
        byte[] body = DamagedBatches.body(BatchCodec.encode(sample(), false));
        long readings = sample().readingCount();
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long thread = Thread.currentThread().getId();
        int refused = 0;
        for (int seed = 0; seed < ROUNDS; seed++) {
            byte[] bytes = DamagedBatches.seal(mutate(body, new Random(seed)), readings);
            long before = threads.getThreadAllocatedBytes(thread);
            try {
                Batch batch = seed % 2 == 0
                        ? BatchCodec.decode(bytes, LIMITS)
                        : BatchCodec.decodeToKeep(bytes, LIMITS, new KnownDevices());
                for (Table table : batch.tables()) {
                    for (Column column : table.columns()) {
                        assertThat(column.qualityAt(column.size() - 1)).isNotNegative();
                        assertThat(column.sameValue(0, column, 0)).isTrue();
                    }
                }
            } catch (InvalidBatchException e) {
                refused++;
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
            assertThat(threads.getThreadAllocatedBytes(thread) - before)
                    .as("seed %d", seed)
                    .isLessThan(ALLOCATED_MAX);
        }
        assertThat(refused).isGreaterThan(ROUNDS / 4);
    }

    @Test
    void damagedEnvelope_isReadOrRefused() {
        byte[] bytes = BatchCodec.encode(sample(), true);
        for (int seed = 0; seed < ROUNDS; seed++) {
            byte[] damaged = mutate(bytes, new Random(seed));
            try {
                BatchCodec.readingCount(damaged);
                BatchCodec.decode(damaged, LIMITS);
            } catch (InvalidBatchException e) {
                assertThat(e.getMessage()).isNotEmpty();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    @Test
    void zstdBomb_isRefusedUnopened() {
        byte[] bomb = Zstd.compress(new byte[64 << 20]);

        assertRefused(
                DamagedBatches.seal(bomb, 10, 64 << 20, Compression.COMPRESSION_ZSTD), "expected at most 1048576");
        assertRefused(DamagedBatches.seal(bomb, 10, 1000, Compression.COMPRESSION_ZSTD), "zstd");
        assertRefused(DamagedBatches.seal(bomb, 10, -1, Compression.COMPRESSION_ZSTD), "expected at most 1048576");
    }

    @Test
    void giantCounts_areRefused() {
        BatchBody.Builder body = body();

        assertRefused(seal(body, Long.MAX_VALUE), "expected at most 10000");
        assertRefused(seal(body, -1), "expected at most 10000");
        assertRefused(seal(edit(body, b -> b.getTablesBuilder(0).setRows(Integer.MAX_VALUE)), 4), "rows of a table");
        assertRefused(seal(edit(body, b -> b.getTablesBuilder(0).setRows(-1)), 4), "rows of a table");
        assertRefused(seal(edit(body, b -> b.getTablesBuilder(0).setRuns(-1)), 4), "runs of a table");
        assertRefused(seal(edit(body, b -> b.getTablesBuilder(0).setRows(0)), 4), "0 rows");
    }

    @Test
    void mismatchedSizes_areRefused() {
        BatchBody.Builder body = body();

        assertRefused(seal(body, 5), "tables hold 4 readings, the envelope says 5");
        assertRefused(seal(body, 3), "expected at most 3");
        assertRefused(seal(edit(body, b -> b.getTablesBuilder(0).setRunLengths(longs(3))), 4), "runs over 3 rows");
        assertRefused(seal(edit(body, b -> b.getTablesBuilder(0).setRunLengths(longs(5))), 4), "run length 5");
        assertRefused(seal(edit(body, b -> b.getTablesBuilder(0).setRunDevices(longs(1))), 4), "run of device 1");
        assertRefused(seal(edit(body, b -> b.getTablesBuilder(0).clearEventTimes()), 4), "without event times");
        assertRefused(
                seal(edit(body, b -> b.getTablesBuilder(0).getColumnsBuilder(0).setChannel(1)), 4), "channel is 1");
        assertRefused(
                seal(
                        edit(
                                body,
                                b -> b.getTablesBuilder(0)
                                        .getColumnsBuilder(0)
                                        .setPresence(ByteString.copyFrom(new byte[] {0, 3}))),
                        4),
                "tables hold 2 readings");
        assertRefused(
                seal(
                        edit(
                                body,
                                b -> b.getTablesBuilder(0)
                                        .getColumnsBuilder(0)
                                        .setQuality(ByteString.copyFrom(new byte[] {1, (byte) 0x80, 4}))),
                        4),
                "quality 256");
        assertRefused(
                seal(
                        edit(
                                body,
                                b -> b.getTablesBuilder(0)
                                        .addColumns(b.getTables(0).getColumns(0))),
                        8),
                "two columns of one channel");
        assertRefused(seal(edit(body, b -> b.getChannelsBuilder(0).setTypeValue(9)), 4), "value type 9");
        assertRefused(seal(edit(body, b -> b.getDevicesBuilder(0).setId("")), 4), "is empty");
    }

    @Test
    void sparseColumns_areBoundedByReadings() {
        BatchBuilder builder = new BatchBuilder();
        builder.row(Device.of("d"), 1).set("c0", 1L);
        byte[] batch = BatchCodec.encode(builder.build(), false);
        BatchBody.Builder body = parse(batch);
        int rows = 9000;
        body.getTablesBuilder(0).setRows(rows).setRunLengths(longs(rows)).clearColumns();
        ByteSink presence = new ByteSink();
        long[] first = new long[rows];
        first[0] = 1;
        io.tributary.column.BoolCodec.encode(first, 0, rows, presence);
        for (int i = 0; i < rows; i++) {
            body.addChannels(body.getChannels(0).toBuilder().setName("x" + i));
            body.getTablesBuilder(0)
                    .addColumnsBuilder()
                    .setChannel(i)
                    .setValues(longs(1))
                    .setPresence(ByteString.copyFrom(presence.toByteArray()));
        }

        assertRefused(seal(body, rows + 1000), "cells per reading");
    }

    @Test
    void tooManyTags_areRefused() {
        assertThatThrownBy(() -> new Device("d", tags(Device.TAGS_MAX + 1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("65 tags");
        BatchBody.Builder body = body();
        tags(Device.TAGS_MAX + 1).forEach(body.getDevicesBuilder(0)::putTags);
        assertRefused(seal(body, 4), "tags");
    }

    private static Map<String, String> tags(int count) {
        Map<String, String> tags = new java.util.TreeMap<>();
        for (int i = 0; i < count; i++) {
            tags.put("t" + i, "v");
        }
        return tags;
    }

    private static byte[] mutate(byte[] bytes, Random random) {
        byte[] result = bytes.clone();
        for (int i = random.nextInt(3); i >= 0 && result.length > 0; i--) {
            int at = random.nextInt(result.length);
            switch (random.nextInt(4)) {
                case 0 -> result[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> result[at] = (byte) random.nextInt(256);
                case 2 -> result[at] = (byte) 0xff;
                default -> result = random.nextInt(10) == 0 ? Arrays.copyOf(result, at) : result;
            }
        }
        return result;
    }

    private static Batch sample() {
        BatchBuilder builder = new BatchBuilder();
        Random random = new Random(5);
        for (int i = 0; i < 40; i++) {
            builder.row(new Device("d" + i % 3, Map.of("site", "s" + i % 3)), i * 1000L, i * 1000L + random.nextInt(9));
            builder.set("double", random.nextInt(1000) / 100.0).set("noise", random.nextGaussian());
            builder.set("long", (long) i * i).set("bool", i % 7 == 0).set("string", "t" + i % 4);
            builder.set(Channel.of("bad", ValueType.LONG), i / 10, i % 5 == 0 ? Quality.BAD : Quality.GOOD);
        }
        for (int i = 0; i < 20; i++) {
            builder.row(Device.of("d0"), 5).set("long", i);
            builder.row(Device.of("d0"), 5).set("long", i).set("bool", true);
        }
        return builder.build();
    }

    private static BatchBody.Builder body() {
        BatchBuilder builder = new BatchBuilder();
        for (int i = 0; i < 4; i++) {
            builder.row(Device.of("d"), i, i).set("c", i * i * 1000L);
        }
        return parse(BatchCodec.encode(builder.build(), false));
    }

    private static BatchBody.Builder parse(byte[] batch) {
        try {
            return BatchBody.parseFrom(DamagedBatches.body(batch)).toBuilder();
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }

    private static BatchBody.Builder edit(
            BatchBody.Builder body, java.util.function.Consumer<BatchBody.Builder> change) {
        BatchBody.Builder copy = body.clone();
        change.accept(copy);
        return copy;
    }

    private static byte[] seal(BatchBody.Builder body, long readings) {
        return DamagedBatches.seal(body.build().toByteArray(), readings);
    }

    private static ByteString longs(long... values) {
        ByteSink out = new ByteSink();
        LongCodec.encode(values, 0, values.length, out);
        return ByteString.copyFrom(out.toByteArray());
    }

    private static void assertRefused(byte[] bytes, String reason) {
        assertThatThrownBy(() -> BatchCodec.decode(bytes, LIMITS))
                .isInstanceOf(InvalidBatchException.class)
                .hasMessageContaining(reason);
    }
}
