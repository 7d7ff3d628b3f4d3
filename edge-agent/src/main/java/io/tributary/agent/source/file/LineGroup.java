package io.tributary.agent.source.file;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The lines from an offset on that are complete, up to a bound.
 *
 * @param end where the next group begins
 * @param lines without their breaks; one that is too long is cut and marked
 */
record LineGroup(long begin, long end, List<Line> lines) {
    /** Of one group; a line that is longer makes a group of its own. */
    static final int BYTES = 256 << 10;

    private static final int LINES_MAX = 4096;

    /** @param whole false when the line was longer than allowed */
    record Line(byte[] bytes, boolean whole) {}

    /**
     * @param atEnd whether a last line without a break is complete: nobody will go on with it
     * @param scratch of {@link #BYTES}
     */
    static LineGroup read(OpenFile file, long begin, int lineBytesMax, boolean atEnd, byte[] scratch)
            throws IOException {
        int size = file.read(begin, scratch, 0);
        List<Line> lines = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < size && lines.size() < LINES_MAX; i++) {
            if (scratch[i] == '\n') {
                lines.add(line(scratch, start, i, lineBytesMax));
                start = i + 1;
            }
        }
        if (start == 0 && size == scratch.length) {
            return longLine(file, begin, lineBytesMax, atEnd, scratch);
        }
        if (atEnd && start < size && lines.size() < LINES_MAX && size < scratch.length) {
            lines.add(line(scratch, start, size, lineBytesMax));
            start = size;
        }
        return new LineGroup(begin, begin + start, lines);
    }

    private static Line line(byte[] bytes, int from, int to, int max) {
        int last = to > from && bytes[to - 1] == '\r' ? to - 1 : to;
        return last - from <= max
                ? new Line(Arrays.copyOfRange(bytes, from, last), true)
                : new Line(Arrays.copyOfRange(bytes, from, from + max), false);
    }

    /** Looks for the end of a line beyond the scratch; empty when it is not there yet. */
    private static LineGroup longLine(OpenFile file, long begin, int lineBytesMax, boolean atEnd, byte[] scratch)
            throws IOException {
        Line cut = new Line(Arrays.copyOf(scratch, lineBytesMax), false);
        long at = begin + scratch.length;
        for (int size = file.read(at, scratch, 0); size > 0; size = file.read(at, scratch, 0)) {
            for (int i = 0; i < size; i++) {
                if (scratch[i] == '\n') {
                    return new LineGroup(begin, at + i + 1, List.of(cut));
                }
            }
            at += size;
        }
        return atEnd ? new LineGroup(begin, at, List.of(cut)) : new LineGroup(begin, begin, List.of());
    }
}
