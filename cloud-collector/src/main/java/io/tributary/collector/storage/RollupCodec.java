package io.tributary.collector.storage;

import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import io.tributary.column.Utf8;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

/** Rollup rows of a device to bytes and back; FORMAT.md draws them. Series of the same windows and times share those. */
final class RollupCodec {
    private static final int VERSION = 1;
    private static final int PREFIX_BYTES = 5;
    private static final int ROWS_MAX = 1 << 20;
    private static final ValueType[] TYPES = {ValueType.DOUBLE, ValueType.LONG, ValueType.BOOL, ValueType.STRING};

    private RollupCodec() {}

    static byte[] encode(Collection<RollupSeries> series) {
        List<List<RollupSeries>> groups = new ArrayList<>();
        for (RollupSeries each : series) {
            List<RollupSeries> found = null;
            for (List<RollupSeries> group : groups) {
                if (group.get(0).sameTimes(each)) {
                    found = group;
                }
            }
            if (found == null) {
                found = new ArrayList<>();
                groups.add(found);
            }
            found.add(each);
        }
        ByteSink out = new ByteSink(1024);
        out.writeByte(VERSION);
        out.writeInt(0);
        out.writeVarint(groups.size());
        groups.forEach(group -> encode(group, out));
        CRC32C crc = new CRC32C();
        crc.update(out.array(), PREFIX_BYTES, out.size() - PREFIX_BYTES);
        byte[] bytes = out.toByteArray();
        for (int i = 0; i < 4; i++) {
            bytes[1 + i] = (byte) (crc.getValue() >>> (8 * i));
        }
        return bytes;
    }

    private static void encode(List<RollupSeries> group, ByteSink out) {
        RollupSeries times = group.get(0);
        int size = times.size;
        out.writeVarint(size);
        LongCodec.encode(times.windows, 0, size, out);
        LongCodec.encode(times.counts, 0, size, out);
        LongCodec.encode(times.numbers, 0, size, out);
        LongCodec.encode(times.firstTimes, 0, size, out);
        LongCodec.encode(times.lastTimes, 0, size, out);
        out.writeVarint(group.size());
        for (RollupSeries series : group) {
            writeText(out, series.channel.name());
            writeText(out, series.channel.unit());
            int type = 0;
            while (TYPES[type] != series.channel.type()) {
                type++;
            }
            out.writeByte(type + 1);
            if (!series.isText()) {
                DoubleCodec.encode(series.min, 0, size, out);
                DoubleCodec.encode(series.max, 0, size, out);
                DoubleCodec.encode(series.sum, 0, size, out);
                DoubleCodec.encode(series.first, 0, size, out);
                DoubleCodec.encode(series.last, 0, size, out);
            }
        }
    }

    static List<RollupSeries> decode(byte[] bytes, long everyNs) throws CorruptColumnException {
        ByteSource in = new ByteSource(bytes);
        int version = in.readByte();
        if (version != VERSION) {
            throw new CorruptColumnException("rollup of version " + version + ", expected " + VERSION);
        }
        int expected = in.readInt();
        CRC32C crc = new CRC32C();
        crc.update(bytes, PREFIX_BYTES, bytes.length - PREFIX_BYTES);
        if ((int) crc.getValue() != expected) {
            throw new CorruptColumnException(
                    "rollup has CRC-32C %08x, it says %08x".formatted((int) crc.getValue(), expected));
        }
        List<RollupSeries> series = new ArrayList<>();
        int groups = in.readCount("groups", in.remaining());
        for (int i = 0; i < groups; i++) {
            decode(in, everyNs, series);
        }
        in.expectEnd();
        return series;
    }

    private static void decode(ByteSource in, long everyNs, List<RollupSeries> to) throws CorruptColumnException {
        int size = in.readCount("rows", ROWS_MAX);
        long[][] times = new long[5][size];
        for (long[] column : times) {
            LongCodec.decode(in, size, column);
        }
        int channels = in.readCount("channels", in.remaining());
        for (int i = 0; i < channels; i++) {
            String name = readText(in);
            String unit = readText(in);
            int type = in.readByte();
            if (type < 1 || type > TYPES.length) {
                throw new CorruptColumnException("value type " + type + " in a rollup");
            }
            RollupSeries series = new RollupSeries(new Channel(name, TYPES[type - 1], unit), everyNs);
            series.size = size;
            series.windows = times[0];
            series.counts = times[1];
            series.numbers = times[2];
            series.firstTimes = times[3];
            series.lastTimes = times[4];
            series.min = doubles(in, size, series.isText());
            series.max = doubles(in, size, series.isText());
            series.sum = doubles(in, size, series.isText());
            series.first = doubles(in, size, series.isText());
            series.last = doubles(in, size, series.isText());
            to.add(series);
        }
    }

    private static double[] doubles(ByteSource in, int size, boolean text) throws CorruptColumnException {
        double[] values = new double[size];
        if (text) {
            Arrays.fill(values, Double.NaN);
        } else {
            DoubleCodec.decode(in, size, values);
        }
        return values;
    }

    private static void writeText(ByteSink out, String text) {
        byte[] bytes = Utf8.encode(text);
        out.writeVarint(bytes.length);
        out.writeBytes(bytes);
    }

    private static String readText(ByteSource in) throws CorruptColumnException {
        int length = in.readCount("text length", in.remaining());
        return Utf8.decode(in.array(), in.skip(length), length);
    }
}
