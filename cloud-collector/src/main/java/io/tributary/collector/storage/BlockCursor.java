package io.tributary.collector.storage;

import org.jspecify.annotations.Nullable;

/** One pass over the blocks of a device. Not thread-safe. */
public interface BlockCursor extends AutoCloseable {
    /** The next block that has rows in the asked range; null at the end. */
    @Nullable
    DeviceBlock next();

    /** May be called twice. */
    @Override
    void close();
}
