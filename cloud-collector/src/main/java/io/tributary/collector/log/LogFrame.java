package io.tributary.collector.log;

import org.jspecify.annotations.Nullable;

/**
 * A stretch of the log: a record, or bytes that are none.
 *
 * @param next position behind it
 * @param number of the record among those with readings; -1 when it cannot be read
 * @param groupPosition where its group begins; -1 when it cannot be read
 * @param record with an empty batch when only its header can be read; null when not even that
 * @param damage what is wrong; null when nothing is
 * @param bytes of a damaged stretch, the first MiB; empty otherwise
 */
public record LogFrame(
        long position,
        long next,
        long number,
        long groupPosition,
        @Nullable LogRecord record,
        @Nullable String damage,
        byte[] bytes) {}
