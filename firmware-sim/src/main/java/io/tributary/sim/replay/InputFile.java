package io.tributary.sim.replay;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackReader;
import java.io.Reader;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** A text file, gzipped or not, that knows how far it was read. Bytes that are not UTF-8 become U+FFFD. */
final class InputFile implements Closeable {
    private static final int BUFFER_BYTES = 64 << 10;

    private final Path path;
    private final long size;
    private final Counting counting;
    private final Reader reader;

    InputFile(Path path) throws IOException {
        this.path = path;
        this.size = Files.size(path);
        this.counting = new Counting(Files.newInputStream(path));
        Reader opened = null;
        try {
            InputStream raw = new BufferedInputStream(counting, BUFFER_BYTES);
            raw.mark(2);
            boolean gzip = raw.read() == 0x1f && raw.read() == 0x8b;
            raw.reset();
            InputStream text = gzip ? new GZIPInputStream(raw, BUFFER_BYTES) : raw;
            PushbackReader start = new PushbackReader(new InputStreamReader(
                    text,
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .onMalformedInput(CodingErrorAction.REPLACE)
                            .onUnmappableCharacter(CodingErrorAction.REPLACE)));
            int first = start.read();
            if (first >= 0 && first != '\ufeff') {
                start.unread(first);
            }
            opened = start;
        } finally {
            if (opened == null) {
                counting.close();
            }
        }
        this.reader = opened;
    }

    Path path() {
        return path;
    }

    /** Without directory and {@code .gz}. */
    static String plainName(Path path) {
        String name = String.valueOf(path.getFileName());
        return name.endsWith(".gz") ? name.substring(0, name.length() - 3) : name;
    }

    /** Behind a byte order mark, if there is one. */
    Reader reader() {
        return reader;
    }

    long size() {
        return size;
    }

    long bytesRead() {
        return counting.count;
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }

    private static final class Counting extends FilterInputStream {
        private volatile long count;

        Counting(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int value = in.read();
            if (value >= 0) {
                add(1);
            }
            return value;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            int read = in.read(target, from, length);
            if (read > 0) {
                add(read);
            }
            return read;
        }

        /** One thread reads, another one shows the progress. */
        @SuppressWarnings("NonAtomicVolatileUpdate")
        private void add(int read) {
            count += read;
        }
    }
}
