package io.tributary.sim.row;

import java.io.Closeable;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Rows in the order in which they are to be sent, made or read one at a time. Used by one thread. */
public interface RowStream extends Closeable {
    /** The next row; null at the end. */
    @Nullable
    Row next() throws IOException;

    /** How far the stream is, from 0 to 1; a guess for the progress line. */
    double fraction();

    @Override
    void close() throws IOException;
}
