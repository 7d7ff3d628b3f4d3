package io.tributary.collector.chunk;

import io.tributary.collector.partition.Origin;
import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSink;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import io.tributary.column.StringCodec;
import io.tributary.column.Utf8;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ColumnStats;
import io.tributary.model.PackedBytes;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Row groups to the bytes of a chunk; keeps its buffers. Not thread-safe. */
public final class ChunkWriter {
    /** Beside eight bytes for each value: what raw values and the names of codes take. */
    private static final int COPIED_BYTES_MAX = 64;

    private final ByteSink header = new ByteSink(1024);
    private final ByteSink body = new ByteSink(16 << 10);
    private final ByteSink trial = new ByteSink(4096);
    private long[] scratch = {};
    private boolean cold;
    private boolean packed;

    /** As {@link #encode}, for readings that rest: texts are packed where that pays. */
    public byte[] encodeCold(List<RowGroup> groups) {
        cold = true;
        try {
            return encode(groups);
        } finally {
            cold = false;
        }
    }

    /**
     * @param groups of one device, at least one row each, rows ascending in event time; no series is in two of them, and
     *     none has two readings at one event time
     */
    public byte[] encode(List<RowGroup> groups) {
        header.clear();
        body.clear();
        packed = false;
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        Map<Origin, long[]> origins = new LinkedHashMap<>();
        for (RowGroup group : groups) {
            first = Math.min(first, group.eventTimes()[0]);
            last = Math.max(last, group.eventTimes()[group.rows() - 1]);
            countOrigins(group, origins);
        }
        header.writeSignedVarint(first);
        header.writeVarint(last - first);
        header.writeVarint(origins.size());
        origins.forEach((origin, count) -> {
            writeText(origin.agent());
            header.writeVarint(origin.epoch());
            header.writeVarint(count[1]);
        });
        header.writeVarint(groups.size());
        for (RowGroup group : groups) {
            writeGroup(group, first, origins);
        }
        header.writeVarint(body.size());
        header.writeInt(ChunkLayout.crc(body.array(), 0, body.size()));

        ByteSink out = new ByteSink(ChunkLayout.PREFIX_BYTES + header.size() + body.size());
        out.writeByte(packed ? ChunkLayout.PACKED_VERSION : ChunkLayout.VERSION);
        out.writeInt(ChunkLayout.crc(header.array(), 0, header.size()));
        out.writeInt(header.size());
        out.writeBytes(header);
        out.writeBytes(body);
        return out.array();
    }

    /** Index and readings per origin. */
    private static void countOrigins(RowGroup group, Map<Origin, long[]> origins) {
        int everywhere = 0;
        boolean sparse = false;
        for (Column column : group.columns()) {
            everywhere += column.presence() == null ? 1 : 0;
            sparse |= column.presence() != null;
        }
        Origin current = null;
        long[] count = {};
        for (int row = 0; row < group.rows(); row++) {
            if (group.origins()[row] != current) {
                current = group.origins()[row];
                long index = origins.size();
                count = origins.computeIfAbsent(current, unused -> new long[] {index, 0});
            }
            count[1] += everywhere;
            if (sparse) {
                for (Column column : group.columns()) {
                    count[1] += column.presence() != null && column.isPresent(row) ? 1 : 0;
                }
            }
        }
    }

    private void writeGroup(RowGroup group, long first, Map<Origin, long[]> origins) {
        int rows = group.rows();
        header.writeVarint(rows);
        header.writeVarint(group.eventTimes()[0] - first);
        header.writeVarint(group.eventTimes()[rows - 1] - group.eventTimes()[0]);
        int at = body.size();
        LongCodec.encode(group.eventTimes(), 0, rows, body);
        at = endSection(at);
        writeTimes(group.edgeTimes(), group);
        at = endSection(at);
        writeTimes(group.collectorTimes(), group);
        at = endSection(at);
        LongCodec.encode(group.sequences(), 0, rows, body);
        at = endSection(at);
        if (origins.size() > 1) {
            long[] indexes = scratch(rows);
            Origin current = null;
            long index = 0;
            for (int row = 0; row < rows; row++) {
                if (group.origins()[row] != current) {
                    current = group.origins()[row];
                    index = origins.getOrDefault(current, new long[1])[0];
                }
                indexes[row] = index;
            }
            LongCodec.encode(indexes, 0, rows, body);
            endSection(at);
        }
        header.writeVarint(group.channels().length);
        for (int i = 0; i < group.channels().length; i++) {
            writeChannel(group.channels()[i], group.columns()[i], group);
        }
    }

    private int endSection(int at) {
        header.writeVarint(body.size() - at);
        return body.size();
    }

    /** As differences or as they are: a batch has one collector time, but an event time per row. */
    private void writeTimes(long[] times, RowGroup group) {
        int rows = group.rows();
        trial.clear();
        trial.writeByte(ChunkLayout.ABSOLUTE);
        LongCodec.encode(times, 0, rows, trial);
        long[] lags = scratch(rows);
        for (int row = 0; row < rows; row++) {
            lags[row] = times[row] - group.eventTimes()[row];
        }
        int at = body.size();
        body.writeByte(ChunkLayout.FROM_EVENT);
        LongCodec.encode(lags, 0, rows, body);
        if (trial.size() < body.size() - at) {
            body.truncate(at);
            body.writeBytes(trial);
        }
    }

    private void writeChannel(Channel channel, Column column, RowGroup group) {
        int size = column.size();
        ColumnStats stats = size >= ChunkLayout.STATS_FROM ? column.stats() : null;
        boolean sparse = column.presence() != null && size < group.rows();
        boolean qualities = hasQualities(column);
        int at = body.size();
        writeValues(column, size);
        boolean pack = cold && channel.type() == ValueType.STRING && PackedBytes.pack(body, at);
        packed |= pack;
        writeText(channel.name());
        writeText(channel.unit());
        header.writeByte(ChunkLayout.code(channel.type()));
        header.writeByte((sparse ? ChunkLayout.HAS_PRESENCE : 0)
                | (qualities ? ChunkLayout.HAS_QUALITY : 0)
                | (stats != null ? ChunkLayout.HAS_STATS : 0)
                | (pack ? ChunkLayout.IS_PACKED : 0));
        at = endSection(at);
        if (sparse) {
            at = writePresence(column, group, at);
        }
        if (qualities) {
            long[] codes = scratch(size);
            for (int i = 0; i < size; i++) {
                codes[i] = column.qualityAt(i);
            }
            LongCodec.encode(codes, 0, size, body);
            endSection(at);
        }
        if (stats != null) {
            DoubleCodec.encode(new double[] {stats.min(), stats.max(), stats.first(), stats.last()}, 0, 4, header);
            header.writeLong(Double.doubleToRawLongBits(stats.sum()));
        }
    }

    /** Values that nobody has touched since their agent encoded them are copied, unless it did so very badly. */
    private void writeValues(Column column, int size) {
        Column.Encoded encoded = column.encoded();
        if (column.isEncodedOnly() && encoded != null && encoded.length() <= COPIED_BYTES_MAX + Long.BYTES * size) {
            body.writeBytes(encoded.array(), encoded.at(), encoded.length());
            return;
        }
        switch (column.type()) {
            case DOUBLE -> DoubleCodec.encode(column.doubles(), 0, size, body);
            case LONG -> LongCodec.encode(column.longs(), 0, size, body);
            case BOOL -> BoolCodec.encode(column.longs(), 0, size, body);
            case STRING -> StringCodec.encode(column.strings(), 0, size, body);
        }
    }

    private int writePresence(Column column, RowGroup group, int at) {
        long[] presence = column.presence();
        if (presence == null) {
            throw new IllegalStateException("BUG: no presence to write");
        }
        BoolCodec.encodeBitmap(presence, group.rows(), body);
        int next = endSection(at);
        int first = 0;
        while (!column.isPresent(first)) {
            first++;
        }
        int last = group.rows() - 1;
        while (!column.isPresent(last)) {
            last--;
        }
        header.writeVarint(column.size());
        header.writeVarint(group.eventTimes()[first] - group.eventTimes()[0]);
        header.writeVarint(group.eventTimes()[group.rows() - 1] - group.eventTimes()[last]);
        return next;
    }

    private static boolean hasQualities(Column column) {
        if (column.quality() == null) {
            return false;
        }
        for (int i = 0; i < column.size(); i++) {
            if (column.qualityAt(i) != Quality.GOOD) {
                return true;
            }
        }
        return false;
    }

    private void writeText(String text) {
        byte[] bytes = Utf8.encode(text);
        header.writeVarint(bytes.length);
        header.writeBytes(bytes);
    }

    private long[] scratch(int size) {
        if (scratch.length < size) {
            scratch = new long[size];
        }
        return scratch;
    }
}
