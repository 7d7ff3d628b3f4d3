package io.tributary.agent.source.exec;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Lines of a stream, none longer in memory than allowed. One thread. */
final class BoundedLines {
    private final InputStream in;
    private final byte[] line;

    BoundedLines(InputStream in, int bytesMax) {
        this.in = new BufferedInputStream(in, 8 << 10);
        this.line = new byte[bytesMax];
    }

    /** @param whole false when it was longer and is cut */
    record Line(byte[] bytes, boolean whole) {}

    /** @return without its break; null at the end */
    @Nullable
    Line next() throws IOException {
        int size = 0;
        boolean whole = true;
        boolean any = false;
        for (int b = in.read(); b >= 0; b = in.read()) {
            any = true;
            if (b == '\n') {
                return line(size, whole);
            } else if (size < line.length) {
                line[size++] = (byte) b;
            } else {
                whole = false;
            }
        }
        return any ? line(size, whole) : null;
    }

    private Line line(int size, boolean whole) {
        int end = size > 0 && whole && line[size - 1] == '\r' ? size - 1 : size;
        return new Line(Arrays.copyOf(line, end), whole);
    }
}
