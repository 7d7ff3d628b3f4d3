package io.tributary.collector.chunk;

import io.tributary.collector.partition.Origin;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.DoubleCodec;
import io.tributary.column.Utf8;
import io.tributary.model.Channel;
import io.tributary.model.ColumnStats;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.List;

/**
 * A chunk whose header is read; columns are decoded when they are asked for. Whatever the bytes are, the worst is a
 * {@link CorruptColumnException}. Not thread-safe.
 */
public final class Chunk {
    private static final int NAME_BYTES_MAX = 255;

    private final byte[] bytes;
    private final int version;
    private final long firstTime;
    private final long lastTime;
    private final List<OriginReadings> origins;
    private final List<ChunkGroup> groups;
    private final int bodyAt;
    private final int bodyLength;
    private final int bodyCrc;
    /** The chunk that this is a view of, which remembers that the bytes are right; itself for the first one. */
    private final Chunk original;

    private volatile boolean bodyChecked;

    /** How many readings of an origin are in a chunk. */
    public record OriginReadings(Origin origin, long readings) {}

    private Chunk(Chunk original) {
        this.bytes = original.bytes;
        this.version = original.version;
        this.firstTime = original.firstTime;
        this.lastTime = original.lastTime;
        this.origins = original.origins;
        this.bodyAt = original.bodyAt;
        this.bodyLength = original.bodyLength;
        this.bodyCrc = original.bodyCrc;
        this.original = original.original;
        this.groups = new ArrayList<>(original.groups.size());
        for (ChunkGroup group : original.groups) {
            groups.add(group.of(this));
        }
    }

    private Chunk(byte[] bytes) throws CorruptColumnException {
        this.original = this;
        this.bytes = bytes;
        ByteSource prefix = new ByteSource(bytes);
        int version = prefix.readByte();
        if (version != ChunkLayout.VERSION && version != ChunkLayout.PACKED_VERSION) {
            throw new CorruptColumnException("chunk of version " + version + ", expected " + ChunkLayout.VERSION
                    + " or " + ChunkLayout.PACKED_VERSION);
        }
        this.version = version;
        int expected = prefix.readInt();
        int headerLength = prefix.readInt();
        ByteSource in = prefix.slice(headerLength);
        int crc = ChunkLayout.crc(bytes, ChunkLayout.PREFIX_BYTES, headerLength);
        if (crc != expected) {
            throw new CorruptColumnException(
                    "chunk header has CRC-32C %08x, the chunk says %08x".formatted(crc, expected));
        }
        this.bodyAt = ChunkLayout.PREFIX_BYTES + headerLength;
        this.firstTime = in.readSignedVarint();
        this.lastTime = firstTime + in.readVarint();
        this.origins = readOrigins(in);
        this.groups = new ArrayList<>();
        int count = in.readCount("row groups", in.remaining());
        int at = bodyAt;
        for (int i = 0; i < count; i++) {
            ChunkGroup group = readGroup(in, at);
            groups.add(group);
            at = group.end();
        }
        this.bodyLength = in.readCount("body length", bytes.length - bodyAt);
        this.bodyCrc = in.readInt();
        in.expectEnd();
        if (bodyLength != bytes.length - bodyAt || at - bodyAt != bodyLength) {
            throw new CorruptColumnException("chunk body of " + (bytes.length - bodyAt) + " bytes, its header says "
                    + bodyLength + " and its columns " + (at - bodyAt));
        }
    }

    /** Reads the header. */
    public static Chunk open(byte[] bytes) throws CorruptColumnException {
        try {
            return new Chunk(bytes);
        } catch (IllegalArgumentException e) {
            throw new CorruptColumnException("chunk: " + e.getMessage(), e);
        }
    }

    /**
     * The same chunk with nothing decoded, for another thread. Headers are shared; what the new one decodes is its own.
     * Any thread, as long as nothing is decoded from this one.
     */
    public Chunk forReader() {
        return new Chunk(this);
    }

    /** Lowest event time. */
    public long firstTime() {
        return firstTime;
    }

    /** Highest event time. */
    public long lastTime() {
        return lastTime;
    }

    public List<OriginReadings> origins() {
        return origins;
    }

    public List<ChunkGroup> groups() {
        return groups;
    }

    public long readings() {
        long readings = 0;
        for (OriginReadings of : origins) {
            readings += of.readings();
        }
        return readings;
    }

    /** As {@link #isLarge}, of one that was not opened. */
    public static boolean isLarge(byte[] encoded) {
        return isLarge(encoded.length, ChunkLayout.headerBytes(encoded));
    }

    /** Whether it is so large that joining it with others would save next to nothing. */
    public boolean isLarge() {
        return isLarge(bytes.length, bodyAt);
    }

    private static boolean isLarge(int bytes, int headerBytes) {
        return bytes >= ChunkLayout.LARGE_BYTES && headerBytes <= bytes / ChunkLayout.LARGE_HEADERS;
    }

    /** Rows in all groups. */
    public long rows() {
        long rows = 0;
        for (ChunkGroup group : groups) {
            rows += group.rows();
        }
        return rows;
    }

    /** Whether texts in it are packed, as they are once it rests. */
    public boolean isPacked() {
        return version == ChunkLayout.PACKED_VERSION;
    }

    /** What the encoded chunk takes. */
    public int encodedBytes() {
        return bytes.length;
    }

    /** A section of the body, which is checked once. */
    ByteSource section(int at, int length) throws CorruptColumnException {
        if (!original.bodyChecked) {
            int crc = ChunkLayout.crc(bytes, bodyAt, bodyLength);
            if (crc != bodyCrc) {
                throw new CorruptColumnException(
                        "chunk body has CRC-32C %08x, its header says %08x".formatted(crc, bodyCrc));
            }
            original.bodyChecked = true;
        }
        return new ByteSource(bytes, at, length);
    }

    private List<OriginReadings> readOrigins(ByteSource in) throws CorruptColumnException {
        int count = in.readCount("origins", in.remaining());
        List<OriginReadings> result = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String agent = readText(in);
            result.add(new OriginReadings(new Origin(agent, in.readVarint()), in.readVarint()));
        }
        return result;
    }

    private ChunkGroup readGroup(ByteSource in, int at) throws CorruptColumnException {
        int rows = in.readCount("rows", ChunkLayout.ROWS_MAX);
        if (rows == 0) {
            throw new CorruptColumnException("row group without rows");
        }
        long first = firstTime + in.readVarint();
        long last = first + in.readVarint();
        int left = bytes.length - at;
        int[] lengths = new int[origins.size() > 1 ? 5 : 4];
        int end = at;
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = in.readCount("section length", left - (end - at));
            end += lengths[i];
        }
        int count = in.readCount("channels", in.remaining());
        List<ChunkChannel> channels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ChunkChannel channel = readChannel(in, end, rows, first, last);
            channels.add(channel);
            end += channel.sections().values()
                    + channel.sections().presence()
                    + channel.sections().quality();
        }
        return new ChunkGroup(this, rows, first, last, at, lengths, end, channels);
    }

    private ChunkChannel readChannel(ByteSource in, int at, int rows, long first, long last)
            throws CorruptColumnException {
        String name = readText(in);
        String unit = readText(in);
        ValueType type = ChunkLayout.type(in.readByte());
        int flags = in.readByte();
        boolean packed = (flags & ChunkLayout.IS_PACKED) != 0;
        if (packed && !isPacked()) {
            throw new CorruptColumnException("packed values in a chunk of version " + version);
        }
        int left = bytes.length - at;
        int values = in.readCount("values length", left);
        int presence = 0;
        int quality = 0;
        int size = rows;
        long firstTime = first;
        long lastTime = last;
        if ((flags & ChunkLayout.HAS_PRESENCE) != 0) {
            presence = in.readCount("presence length", left - values);
            size = in.readCount("values", rows);
            firstTime = first + in.readVarint();
            lastTime = last - in.readVarint();
        }
        if ((flags & ChunkLayout.HAS_QUALITY) != 0) {
            quality = in.readCount("quality length", left - values - presence);
        }
        ColumnStats stats = null;
        if ((flags & ChunkLayout.HAS_STATS) != 0) {
            double[] four = new double[4];
            DoubleCodec.decode(in, 4, four);
            stats = new ColumnStats(four[0], four[1], Double.longBitsToDouble(in.readLong()), four[2], four[3]);
        }
        return new ChunkChannel(
                new Channel(name, type, unit),
                size,
                firstTime,
                lastTime,
                stats,
                new ChunkChannel.Sections(at, values, packed, presence, quality));
    }

    private String readText(ByteSource in) throws CorruptColumnException {
        int length = in.readCount("text length", NAME_BYTES_MAX);
        return Utf8.decode(bytes, in.skip(length), length);
    }
}
