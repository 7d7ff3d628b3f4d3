package io.tributary.model;

/**
 * What a receiver takes at most; checked before anything is allocated for it.
 *
 * @param encodedBytesMax the whole encoded batch
 * @param bodyBytesMax the decompressed body
 * @param readingsMax present values
 * @param stringBytesMax one string value
 */
public record BatchLimits(int encodedBytesMax, int bodyBytesMax, int readingsMax, int stringBytesMax) {
    /** 4 MiB on the wire (gRPC's own default bound), 32 MiB opened, a million readings, 64 KiB texts. */
    public static final BatchLimits DEFAULT = new BatchLimits(4 << 20, 32 << 20, 1_000_000, 64 << 10);
}
