package io.tributary.model;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Regression mode in the build; {@code JAZZER_FUZZ=1} with one test selected searches for more. */
class BatchFuzzTest {
    private static final BatchLimits LIMITS = new BatchLimits(1 << 16, 1 << 16, 10_000, 1000);

    @FuzzTest
    void anyBytes_areABatchOrRefused(byte[] bytes) {
        try {
            BatchCodec.decode(bytes, LIMITS);
        } catch (InvalidBatchException e) {
            assertSaysWhat(e);
        }
    }

    /** Past the checksum, straight into the body. */
    @FuzzTest
    void anyBody_isABatchOrRefused(byte[] body) {
        try {
            BatchCodec.decode(DamagedBatches.seal(body, 1000), LIMITS);
        } catch (InvalidBatchException e) {
            assertSaysWhat(e);
        }
    }

    private static void assertSaysWhat(InvalidBatchException e) {
        if (e.getMessage() == null || e.getMessage().isEmpty()) {
            throw new AssertionError("exception without a message", e);
        }
    }
}
