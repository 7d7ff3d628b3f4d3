package io.tributary.collector.log;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Goes through the log from a position to an end, over its segments. Used by one thread. */
public final class LogCursor implements AutoCloseable {
    private final SegmentedLog log;
    private final long end;
    private final int windowBytes;
    private final boolean whole;
    private long position;
    private @Nullable SegmentReader reader;

    LogCursor(SegmentedLog log, long from, long end, int windowBytes, boolean whole) {
        this.log = log;
        this.position = from;
        this.end = end;
        this.windowBytes = windowBytes;
        this.whole = whole;
    }

    /**
     * The next record or damaged stretch; null at the end. What the log has dropped meanwhile is passed over: the frame's
     * number tells.
     */
    public @Nullable LogFrame next() throws IOException {
        while (position < end) {
            SegmentReader in = reader;
            if (in == null) {
                in = open();
                if (in == null) {
                    return null;
                }
            }
            long limit = Math.min(end, in.segment().end());
            if (position < limit) {
                LogFrame frame = in.frame(position, limit, whole);
                position = frame.next();
                return frame;
            }
            close();
            LogFrame gap = gap(in.segment());
            if (gap != null) {
                return gap;
            }
        }
        return null;
    }

    /** Segments follow each other without a gap, unless one was cut or taken away. */
    private @Nullable LogFrame gap(Segment behind) {
        if (position < log.start()) {
            position = Math.min(end, log.start()); // dropped meanwhile
            return null;
        }
        Segment next = log.segmentFrom(behind.base + 1);
        long to = next == null ? end : Math.min(end, next.base);
        if (position >= to) {
            return null;
        }
        LogFrame gap = new LogFrame(
                position,
                to,
                -1,
                -1,
                null,
                (to - position) + " bytes behind segment " + behind.name() + " are missing",
                new byte[0]);
        position = to;
        return gap;
    }

    /** The segment of the position, or the oldest one behind it; null when there is none before the end. */
    private @Nullable SegmentReader open() throws IOException {
        while (true) {
            Segment segment = log.segmentOf(position);
            if (segment == null || segment.base >= end) {
                position = end;
                return null;
            }
            try {
                SegmentReader opened = new SegmentReader(segment, windowBytes);
                position = Math.max(position, segment.base);
                reader = opened;
                return opened;
            } catch (NoSuchFileException e) {
                if (log.segmentOf(position) == segment) {
                    throw e; // nobody dropped it
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        SegmentReader open = reader;
        reader = null;
        if (open != null) {
            open.close();
        }
    }
}
