package io.tributary.sim.verify;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Entries one after the other; null at the end. */
interface EntryCursor extends Closeable {
    @Nullable
    Entry next() throws IOException;

    @Override
    void close() throws IOException;
}
