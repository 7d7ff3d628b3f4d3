package io.tributary.agent.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import java.util.Arrays;
import java.util.Map;
import java.util.SplittableRandom;

/** Damages good payloads by seed: what comes out is a batch that encodes, or a complaint; never anything else. */
final class Hostile {
    private Hostile() {}

    static void damage(long seed, int rounds, Decoder decoder, String address, byte[]... good) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < rounds; i++) {
            byte[] bytes = good[random.nextInt(good.length)].clone();
            switch (random.nextInt(5)) {
                case 0 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length + 1));
                case 1 -> bytes = spliced(random, bytes, good[random.nextInt(good.length)]);
                case 2 -> bytes = repeated(random, bytes);
                default -> {
                    // Only the flips below.
                }
            }
            for (int flips = random.nextInt(6); flips > 0 && bytes.length > 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            decode(decoder, address, bytes);
        }
    }

    private static byte[] spliced(SplittableRandom random, byte[] a, byte[] b) {
        int head = random.nextInt(a.length + 1);
        int from = random.nextInt(b.length + 1);
        byte[] bytes = Arrays.copyOf(a, head + b.length - from);
        System.arraycopy(b, from, bytes, head, b.length - from);
        return bytes;
    }

    private static byte[] repeated(SplittableRandom random, byte[] bytes) {
        int from = random.nextInt(bytes.length + 1);
        int to = random.nextInt(from, bytes.length + 1);
        int times = random.nextInt(1, 200);
        byte[] result = Arrays.copyOf(bytes, bytes.length + (to - from) * times);
        for (int i = 0; i < times; i++) {
            System.arraycopy(bytes, from, result, to + (to - from) * i, to - from);
        }
        System.arraycopy(bytes, to, result, to + (to - from) * times, bytes.length - to);
        return result;
    }

    static void decode(Decoder decoder, String address, byte[] bytes) {
        try {
            Batch batch = decoder.decode(
                    new Message(address, new Message.Names("dev", "ch", Map.of("site", "north")), bytes));
            assertThat(batch.readingCount()).isLessThanOrEqualTo(250_000);
            if (batch.readingCount() > 0) {
                BatchCodec.encode(batch);
            }
        } catch (MalformedException e) {
            assertThat(e.getMessage()).isNotEmpty();
            assertThat(String.valueOf(e.getMessage()).length()).isLessThan(2_000);
        }
    }
}
