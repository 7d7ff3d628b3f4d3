package io.tributary.collector.log;

import io.tributary.column.ByteSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One log for all partitions: files of records behind each other. Positions are bytes since the log began, over all
 * files, so that a position is found without an index.
 *
 * <pre>
 * 00000000000000000000.segment  00000000000016777301.segment  ...        (base position in the name)
 * [ header | record | record | ... ]
 *                            ^ a group is written and fsynced at once: if one is torn, it is the last one
 * </pre>
 *
 * Appended to by one thread; everything else by any.
 */
public final class SegmentedLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SegmentedLog.class);
    private static final int STAGING_BYTES = 256 << 10;
    private static final int SCAN_WINDOW_BYTES = 256 << 10;
    /** A record of a thousand rows is some 20 kB. */
    private static final int READ_WINDOW_BYTES = 32 << 10;

    private final Path directory;
    private final Path aside;
    private final long segmentBytes;
    private final ConcurrentSkipListMap<Long, Segment> segments = new ConcurrentSkipListMap<>();
    private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);
    private final ByteSink encoded = new ByteSink(1024);

    // guarded by this
    private @Nullable FileChannel channel;
    private @Nullable Segment active;
    private long number;
    private long lastTimeNs;
    private boolean torn;
    private volatile long end;

    /** Told of what cannot be read. */
    @FunctionalInterface
    public interface Damage {
        void found(String file, String detail);
    }

    private SegmentedLog(Path directory, Path aside, long segmentBytes) {
        this.directory = directory;
        this.aside = aside;
        this.segmentBytes = segmentBytes;
    }

    /**
     * Opens the log, and makes it when it is not there. The last group is cut off when it is torn: it was not
     * acknowledged.
     *
     * @param aside directory for what is cut off
     * @param segmentBytes at which a new file is begun
     * @param known up to where the log was fsynced for sure: what is damaged before it is no torn group
     */
    public static SegmentedLog open(Path directory, Path aside, long segmentBytes, LogPosition known, Damage damage)
            throws IOException {
        Files.createDirectories(directory);
        SegmentedLog log = new SegmentedLog(directory, aside, segmentBytes);
        log.load(known, damage);
        return log;
    }

    private synchronized void load(LogPosition known, Damage damage) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                if (String.valueOf(file.getFileName()).matches("[0-9]{20}\\" + Segment.SUFFIX)) {
                    Segment segment = Segment.open(file);
                    segments.put(segment.base, segment);
                }
            }
        }
        for (Segment segment : segments.values()) {
            if (segment.isDamaged() && segment.end() > segment.base) {
                damage.found(segment.name(), "the header of the segment is damaged");
            }
        }
        Map.Entry<Long, Segment> last = segments.lastEntry();
        while (last != null && last.getValue().isDamaged() && last.getValue().end() == last.getValue().base) {
            Files.delete(last.getValue().file); // was being begun
            segments.remove(last.getKey());
            last = segments.lastEntry();
        }
        if (last != null) {
            recover(last.getValue(), known.position());
        }
        if (end < known.position()) {
            damage.found(
                    last == null ? "log" : last.getValue().name(),
                    "the log ends at byte " + end + ", the store knows of " + known.position());
            end = known.position();
            number = Math.max(number, known.number());
        } else if (last != null && !last.getValue().isDamaged()) {
            active = last.getValue();
            channel = FileChannel.open(active.file, StandardOpenOption.WRITE);
        }
    }

    /** Finds the end of the last segment. */
    private void recover(Segment segment, long known) throws IOException {
        number = Math.max(0, segment.number);
        lastTimeNs = segment.timeNs;
        long at = segment.base;
        try (SegmentReader reader = new SegmentReader(segment, SCAN_WINDOW_BYTES)) {
            while (at < segment.end()) {
                LogFrame frame = reader.frame(at, segment.end(), true);
                if (frame.damage() != null && at >= known && !isFollowed(reader, frame)) {
                    cut(segment, at, String.valueOf(frame.damage()));
                    break;
                }
                LogRecord record = frame.record();
                if (record != null) {
                    number = frame.number() + (record.readings() > 0 ? 1 : 0);
                    lastTimeNs = record.collectorTimeNs();
                }
                at = frame.next();
            }
        }
        end = at;
    }

    /** Whether a group was begun behind a damaged stretch: then the stretch had been fsynced. */
    private static boolean isFollowed(SegmentReader reader, LogFrame damaged) throws IOException {
        long end = reader.segment().end();
        for (long at = damaged.next(); at < end; ) {
            LogFrame frame = reader.frame(at, end, true);
            if (frame.damage() == null && frame.groupPosition() > damaged.position()) {
                return true;
            }
            at = frame.next();
        }
        return false;
    }

    private void cut(Segment segment, long position, String detail) throws IOException {
        long bytes = segment.end() - position;
        Files.createDirectories(aside);
        Path copy = aside.resolve(segment.name());
        Files.copy(segment.file, copy, StandardCopyOption.REPLACE_EXISTING);
        LOG.warn(
                "the log ends with {} bytes that are no record ({}), as a crash leaves them: they are cut off; {} keeps"
                        + " them",
                bytes,
                detail,
                copy);
        try (FileChannel file = FileChannel.open(segment.file, StandardOpenOption.WRITE)) {
            file.truncate(segment.fileOffset(position));
            file.force(true);
        }
        segment.endsAt(position);
    }

    /** Position of the oldest record that is still there. */
    public long start() {
        Map.Entry<Long, Segment> first = segments.firstEntry();
        return first == null ? end : first.getKey();
    }

    /** Position behind the newest record. */
    public long end() {
        return end;
    }

    /** Behind the newest record. */
    public synchronized LogPosition newest() {
        return new LogPosition(number, end);
    }

    /** Bytes of all files. */
    public long bytes() {
        long bytes = 0;
        for (Segment segment : segments.values()) {
            bytes += segment.fileOffset(segment.end());
        }
        return bytes;
    }

    /**
     * Appends records as one group, with one fsync.
     *
     * @return the position of each record, and behind them that of the end
     * @throws IOException when they could not be made durable: none of them is in the log, then
     */
    public synchronized LogPosition[] append(List<LogRecord> group) throws IOException {
        if (torn) {
            repair();
        }
        Segment segment = active;
        FileChannel to = channel;
        if (segment == null || to == null || segment.fileOffset(end) >= segmentBytes) {
            begin(group.isEmpty() ? 0 : group.get(0).collectorTimeNs());
            return append(group);
        }
        LogPosition[] positions = new LogPosition[group.size() + 1];
        long at = end;
        long next = number;
        torn = true;
        staging.clear();
        long written = segment.fileOffset(end);
        for (int i = 0; i < group.size(); i++) {
            LogRecord record = group.get(i);
            positions[i] = new LogPosition(next, at);
            LogRecordCodec.encode(record, at, next, at - end, encoded);
            written = stage(to, encoded.array(), encoded.size(), written);
            written = stage(to, record.batch(), record.batch().length, written);
            at += encoded.size() + record.batch().length;
            next += record.readings() > 0 ? 1 : 0;
        }
        write(to, written);
        to.force(false);
        torn = false;
        positions[group.size()] = new LogPosition(next, at);
        number = next;
        lastTimeNs = group.isEmpty() ? lastTimeNs : group.get(group.size() - 1).collectorTimeNs();
        segment.endsAt(at);
        end = at;
        return positions;
    }

    private long stage(FileChannel to, byte[] bytes, int length, long offset) throws IOException {
        long at = offset;
        for (int from = 0; from < length; ) {
            int part = Math.min(length - from, staging.remaining());
            staging.put(bytes, from, part);
            from += part;
            if (!staging.hasRemaining()) {
                at = write(to, at);
            }
        }
        return at;
    }

    private long write(FileChannel to, long offset) throws IOException {
        long at = offset;
        staging.flip();
        while (staging.hasRemaining()) {
            at += to.write(staging, at);
        }
        staging.clear();
        return at;
    }

    /** What a failed append left is cut off durably before anything else is written: it was not acknowledged. */
    private void repair() throws IOException {
        FileChannel to = channel;
        Segment segment = active;
        if (to != null && segment != null) {
            to.truncate(segment.fileOffset(end));
            to.force(true);
            begin(lastTimeNs); // after a failed fsync only a file that had none is to be trusted
        }
        torn = false;
    }

    /** Begins a file, unless the last one is empty. */
    private void begin(long timeNs) throws IOException {
        Segment before = active;
        if (before != null && before.base == end) {
            return;
        }
        Segment segment = new Segment(Segment.file(directory, end), end, number, timeNs, end);
        FileChannel to = FileChannel.open(
                segment.file,
                StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING,
                StandardOpenOption.WRITE);
        try {
            ByteBuffer header = segment.header();
            while (header.hasRemaining()) {
                to.write(header, header.position());
            }
            to.force(true);
            try (FileChannel folder = FileChannel.open(directory)) {
                folder.force(true);
            }
        } catch (IOException e) {
            to.close();
            throw e;
        }
        closeChannel();
        channel = to;
        active = segment;
        segments.put(segment.base, segment);
    }

    /** Records from a position to an end that was published. */
    public LogCursor cursor(long from, long to) {
        return new LogCursor(this, from, to, READ_WINDOW_BYTES, true);
    }

    /** As {@link #cursor}, for who reads much of it. */
    public LogCursor scan(long from, long to) {
        return new LogCursor(this, from, to, SCAN_WINDOW_BYTES, true);
    }

    /** The first record at or behind a collector time; {@code newest} when there is none. */
    public LogPosition at(long collectorTimeNs, LogPosition newest) throws IOException {
        long from = start();
        for (Segment segment : segments.values()) {
            if (segment.timeNs < collectorTimeNs && segment.base < newest.position()) {
                from = segment.base;
            }
        }
        try (LogCursor cursor = new LogCursor(this, from, newest.position(), SCAN_WINDOW_BYTES, false)) {
            for (LogFrame frame = cursor.next(); frame != null; frame = cursor.next()) {
                LogRecord record = frame.record();
                if (record != null && record.collectorTimeNs() >= collectorTimeNs) {
                    return new LogPosition(frame.number(), frame.position());
                }
            }
        }
        return newest;
    }

    /**
     * Drops the oldest files while there is more than a bound.
     *
     * @param before what lies behind this position is kept
     */
    public synchronized void dropAbove(long keepBytes, long before) throws IOException {
        long bytes = bytes();
        while (bytes > keepBytes) {
            Map.Entry<Long, Segment> first = segments.firstEntry();
            if (first == null || !mayGo(first.getValue(), before)) {
                return;
            }
            bytes -= first.getValue().fileOffset(first.getValue().end());
            drop(first.getValue());
        }
    }

    /** Drops the files in which nothing is younger; what lies behind {@code before} is kept. */
    public synchronized void dropOlder(long timeNs, long before) throws IOException {
        Segment newest = active;
        if (newest != null && newest.timeNs <= timeNs && newest.end() > newest.base && !torn) {
            begin(lastTimeNs);
        }
        for (Segment segment : segments.values()) {
            Map.Entry<Long, Segment> next = segments.higherEntry(segment.base);
            if (next == null || next.getValue().timeNs > timeNs || !mayGo(segment, before)) {
                return;
            }
            drop(segment);
        }
    }

    /** Collector time of the newest record, or later than it; 0 when there was never one. */
    public synchronized long lastTimeNs() {
        return Math.max(0, lastTimeNs);
    }

    private boolean mayGo(Segment segment, long before) {
        return segment != active && segment.end() <= before;
    }

    private void drop(Segment segment) throws IOException {
        segments.remove(segment.base);
        Files.deleteIfExists(segment.file);
    }

    /** The name of the file that a position lies in, or behind. */
    public String fileOf(long position) {
        Map.Entry<Long, Segment> entry = segments.floorEntry(position);
        return entry == null ? "log" : entry.getValue().name();
    }

    /** The segment that a position lies in, or else the first behind it. */
    @Nullable
    Segment segmentOf(long position) {
        Map.Entry<Long, Segment> entry = segments.floorEntry(position);
        if (entry != null) {
            Map.Entry<Long, Segment> next = segments.higherEntry(entry.getKey());
            if (position < entry.getValue().end() || next == null || position < next.getKey()) {
                return entry.getValue();
            }
        }
        return segmentFrom(position);
    }

    /** The first segment whose base lies at or behind a position. */
    @Nullable
    Segment segmentFrom(long position) {
        Map.Entry<Long, Segment> entry = segments.ceilingEntry(position);
        return entry == null ? null : entry.getValue();
    }

    private void closeChannel() throws IOException {
        FileChannel open = channel;
        channel = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        closeChannel();
        active = null;
    }
}
