package io.tributary.sim.verify;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/** Reads a number of entries from a place in a file. */
final class EntryFile implements EntryCursor {
    private static final int BUFFER_BYTES = 32 << 10;

    private final FileChannel file;
    private final DataInputStream in;
    private long left;

    EntryFile(Path path, long offset, long count) throws IOException {
        file = FileChannel.open(path, StandardOpenOption.READ);
        file.position(offset);
        in = new DataInputStream(new BufferedInputStream(Channels.newInputStream(file), BUFFER_BYTES));
        left = count;
    }

    @Override
    public @Nullable Entry next() throws IOException {
        if (left == 0) {
            return null;
        }
        left--;
        return Entry.readFrom(in);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
