package io.tributary.collector.chunk;

import io.tributary.collector.partition.Origin;
import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.LongCodec;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.PackedBytes;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row group of a chunk. Each column is decoded once, when it is asked for. Not thread-safe. */
public final class ChunkGroup {
    private static final int EVENT = 0;
    private static final int EDGE = 1;
    private static final int COLLECTOR = 2;
    private static final int SEQUENCE = 3;
    private static final int ORIGIN = 4;

    private final Chunk chunk;
    private final int rows;
    private final long firstTime;
    private final long lastTime;
    private final int at;
    private final int[] lengths;
    private final int end;
    private final List<ChunkChannel> channels;

    private long @Nullable [] eventTimes;
    private long @Nullable [] edgeTimes;
    private long @Nullable [] collectorTimes;
    private long @Nullable [] sequences;
    private Origin @Nullable [] origins;

    ChunkGroup(
            Chunk chunk,
            int rows,
            long firstTime,
            long lastTime,
            int at,
            int[] lengths,
            int end,
            List<ChunkChannel> channels) {
        this.chunk = chunk;
        this.rows = rows;
        this.firstTime = firstTime;
        this.lastTime = lastTime;
        this.at = at;
        this.lengths = lengths;
        this.end = end;
        this.channels = List.copyOf(channels);
    }

    /** The same group of a chunk with the same bytes, with nothing decoded. */
    ChunkGroup of(Chunk same) {
        return new ChunkGroup(same, rows, firstTime, lastTime, at, lengths, end, channels);
    }

    public int rows() {
        return rows;
    }

    public long firstTime() {
        return firstTime;
    }

    public long lastTime() {
        return lastTime;
    }

    public List<ChunkChannel> channels() {
        return channels;
    }

    /**
     * Bytes of what its rows share.
     *
     * @param origin 0 where all rows are of one
     */
    public record SharedBytes(int event, int edge, int collector, int sequence, int origin) {}

    public SharedBytes sharedBytes() {
        return new SharedBytes(
                lengths[EVENT],
                lengths[EDGE],
                lengths[COLLECTOR],
                lengths[SEQUENCE],
                lengths.length > ORIGIN ? lengths[ORIGIN] : 0);
    }

    /** Where its bytes end. */
    int end() {
        return end;
    }

    public long[] eventTimes() throws CorruptColumnException {
        long[] times = eventTimes;
        if (times == null) {
            times = longs(section(EVENT));
            checkAscending(times);
            if (times[0] != firstTime || times[rows - 1] != lastTime) {
                throw new CorruptColumnException("event times of a chunk from " + times[0] + " to " + times[rows - 1]
                        + ", its header says " + firstTime + " to " + lastTime);
            }
            eventTimes = times;
        }
        return times;
    }

    /** Without a branch per row; which one it is, is found out when there is one. */
    private static void checkAscending(long[] times) throws CorruptColumnException {
        long falls = 0;
        for (int row = 1; row < times.length; row++) {
            falls |= times[row] - times[row - 1];
        }
        for (int row = 1; falls < 0 && row < times.length; row++) {
            if (times[row] < times[row - 1]) {
                throw new CorruptColumnException("event times of a chunk fall at row " + row);
            }
        }
    }

    public long[] edgeTimes() throws CorruptColumnException {
        long[] times = edgeTimes;
        if (times == null) {
            times = times(section(EDGE));
            edgeTimes = times;
        }
        return times;
    }

    public long[] collectorTimes() throws CorruptColumnException {
        long[] times = collectorTimes;
        if (times == null) {
            times = times(section(COLLECTOR));
            collectorTimes = times;
        }
        return times;
    }

    /** Of each row's first reading as its agent sent it. */
    public long[] sequences() throws CorruptColumnException {
        long[] of = sequences;
        if (of == null) {
            of = longs(section(SEQUENCE));
            sequences = of;
        }
        return of;
    }

    public Origin[] origins() throws CorruptColumnException {
        Origin[] of = origins;
        if (of == null) {
            List<Chunk.OriginReadings> known = chunk.origins();
            if (known.isEmpty()) {
                throw new CorruptColumnException("chunk without origins");
            }
            of = new Origin[rows];
            Arrays.fill(of, known.get(0).origin());
            if (known.size() > 1) {
                long[] indexes = longs(section(ORIGIN));
                for (int row = 0; row < rows; row++) {
                    if (indexes[row] < 0 || indexes[row] >= known.size()) {
                        throw new CorruptColumnException(
                                "origin " + indexes[row] + " at row " + row + ", expected below " + known.size());
                    }
                    of[row] = known.get((int) indexes[row]).origin();
                }
            }
            origins = of;
        }
        return of;
    }

    /** Values of a channel, with presence over the rows. Decoded at every call. */
    public Column column(int index) throws CorruptColumnException {
        ChunkChannel channel = channels.get(index);
        ChunkChannel.Sections sections = channel.sections();
        int size = channel.count();
        ByteSource values = chunk.section(sections.at(), sections.values());
        values = sections.packed() ? PackedBytes.open(values) : values;
        long[] presence = null;
        if (sections.presence() > 0) {
            ByteSource in = chunk.section(sections.at() + sections.values(), sections.presence());
            presence = BoolCodec.decodeBitmap(in, rows);
            in.expectEnd();
            int present = 0;
            for (long word : presence) {
                present += Long.bitCount(word);
            }
            if (present != size) {
                throw new CorruptColumnException(
                        "presence of " + present + " readings, the chunk's header says " + size);
            }
        }
        byte[] quality = null;
        if (sections.quality() > 0) {
            quality = quality(sections, size);
        }
        Column column = Column.decode(channel.channel().type(), values, size, presence, quality);
        values.expectEnd();
        return column;
    }

    private byte[] quality(ChunkChannel.Sections sections, int size) throws CorruptColumnException {
        ByteSource in = chunk.section(sections.at() + sections.values() + sections.presence(), sections.quality());
        long[] codes = new long[size];
        LongCodec.decode(in, size, codes);
        in.expectEnd();
        byte[] quality = new byte[size];
        for (int i = 0; i < size; i++) {
            quality[i] = (byte) codes[i];
        }
        return quality;
    }

    /** The whole group. */
    public RowGroup rowGroup() throws CorruptColumnException {
        Channel[] of = new Channel[channels.size()];
        Column[] columns = new Column[of.length];
        for (int i = 0; i < of.length; i++) {
            of[i] = channels.get(i).channel();
            columns[i] = column(i);
        }
        return new RowGroup(rows, eventTimes(), edgeTimes(), collectorTimes(), sequences(), origins(), of, columns);
    }

    private ByteSource section(int index) throws CorruptColumnException {
        int from = at;
        for (int i = 0; i < index; i++) {
            from += lengths[i];
        }
        return chunk.section(from, lengths[index]);
    }

    private long[] longs(ByteSource in) throws CorruptColumnException {
        long[] values = new long[rows];
        LongCodec.decode(in, rows, values);
        in.expectEnd();
        return values;
    }

    private long[] times(ByteSource in) throws CorruptColumnException {
        int kind = in.readByte();
        if (kind != ChunkLayout.ABSOLUTE && kind != ChunkLayout.FROM_EVENT) {
            throw new CorruptColumnException("time column of kind " + kind + ", expected 0 or 1");
        }
        long[] times = longs(in);
        if (kind == ChunkLayout.FROM_EVENT) {
            long[] events = eventTimes();
            for (int row = 0; row < rows; row++) {
                times[row] += events[row];
            }
        }
        return times;
    }
}
