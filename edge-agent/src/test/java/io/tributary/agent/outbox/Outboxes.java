package io.tributary.agent.outbox;

import io.tributary.agent.seal.EncryptionOptions;
import io.tributary.config.ByteSize;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What outbox tests begin with. */
public final class Outboxes {
    private Outboxes() {}

    public static OutboxOptions options(Path path) {
        return options(path, new ByteSize(1 << 30), WhenFull.DROP_OLDEST, null);
    }

    static OutboxOptions options(Path path, ByteSize maxBytes, WhenFull whenFull, @Nullable Duration maxAge) {
        return options(path, maxBytes, whenFull, maxAge, List.of());
    }

    static OutboxOptions options(
            Path path, ByteSize maxBytes, WhenFull whenFull, @Nullable Duration maxAge, List<ChannelClass> classes) {
        boolean small = maxBytes.bytes() < 32 << 20;
        return new OutboxOptions(
                path,
                maxBytes,
                maxAge,
                whenFull,
                Duration.ofMinutes(1),
                classes,
                new ByteSize(1 << 20),
                Duration.ZERO,
                1000,
                new ByteSize(1 << 20),
                new ByteSize(4 << 10),
                new ByteSize(1 << 20),
                new ByteSize(small ? 256 << 10 : 1 << 20),
                new ByteSize(1 << 20),
                null,
                null);
    }

    static OutboxOptions encrypted(Path path, @Nullable EncryptionOptions encryption) {
        OutboxOptions plain = options(path);
        return new OutboxOptions(
                path,
                plain.maxBytes(),
                null,
                plain.whenFull(),
                plain.thinInterval(),
                plain.classes(),
                plain.queue(),
                plain.linger(),
                plain.batchReadings(),
                plain.deadLetters(),
                plain.deadLetterBytesMax(),
                plain.deadLetterRate(),
                plain.writeBuffer(),
                plain.blockCache(),
                encryption,
                null);
    }

    /** A batch of {@code readings} readings, taken at {@code edgeTimeNs}. */
    public static EncodedBatch batch(int readings, long edgeTimeNs) {
        BatchBuilder builder = new BatchBuilder();
        Device device = Device.of("d");
        for (int i = 0; i < readings; i++) {
            builder.row(device, edgeTimeNs + i, edgeTimeNs).set("c", edgeTimeNs * 31 + i);
        }
        return new EncodedBatch(
                readings, edgeTimeNs, edgeTimeNs + readings - 1, edgeTimeNs, BatchCodec.encode(builder.build()));
    }
}
