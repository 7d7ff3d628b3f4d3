package io.tributary.collector.storage;

import io.tributary.collector.catalog.Glob;
import io.tributary.collector.partition.Origin;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * An order to erase, as it is kept; FORMAT.md draws it.
 *
 * @param timeNs collector time: what arrived up to it is erased
 * @param ends by origin of whose sequences some were missing, the end of what was known of them: nothing below comes back
 * @param logEnd where the log ended: the records before it may hold such readings
 */
record Erasure(
        long id,
        ErasureRequest request,
        long timeNs,
        ErasureStatus.Stage stage,
        long readings,
        long chunks,
        Map<Origin, Long> ends,
        long logEnd) {
    private static final int VERSION = 2;

    boolean isPending() {
        return stage == ErasureStatus.Stage.HIDDEN;
    }

    ErasureStatus status() {
        return new ErasureStatus(id, request, timeNs, stage, readings, chunks);
    }

    Erasure at(ErasureStatus.Stage next) {
        return new Erasure(id, request, timeNs, next, readings, chunks, ends, logEnd);
    }

    boolean coversDevice(String device) {
        return request.patterns()
                ? new Glob(request.device()).matches(device)
                : request.device().equals(device);
    }

    boolean coversChannel(String channel) {
        if (request.channels().isEmpty()) {
            return true;
        }
        if (!request.patterns()) {
            return request.channels().contains(channel);
        }
        for (String pattern : request.channels()) {
            if (new Glob(pattern).matches(channel)) {
                return true;
            }
        }
        return false;
    }

    boolean coversAny(long firstNs, long lastNs) {
        return firstNs < request.toNs() && lastNs >= request.fromNs();
    }

    boolean covers(long eventTimeNs, long collectorTimeNs) {
        return collectorTimeNs <= timeNs && eventTimeNs >= request.fromNs() && eventTimeNs < request.toNs();
    }

    /** Whether a reading that arrives later was given its sequence before the order. */
    boolean coversLate(Origin origin, long sequence, long eventTimeNs) {
        Long end = ends.get(origin);
        return end != null && sequence < end && eventTimeNs >= request.fromNs() && eventTimeNs < request.toNs();
    }

    byte[] encode() {
        ByteSink out = new ByteSink(128);
        out.writeByte(VERSION);
        writeText(out, request.device());
        out.writeByte(request.patterns() ? 1 : 0);
        out.writeVarint(request.channels().size());
        request.channels().forEach(channel -> writeText(out, channel));
        out.writeLong(request.fromNs());
        out.writeLong(request.toNs());
        out.writeLong(timeNs);
        out.writeByte(stage.ordinal());
        out.writeVarint(readings);
        out.writeVarint(chunks);
        out.writeVarint(ends.size());
        ends.forEach((origin, end) -> {
            writeText(out, origin.agent());
            out.writeVarint(origin.epoch());
            out.writeVarint(end);
        });
        out.writeVarint(logEnd);
        return out.toByteArray();
    }

    static Erasure decode(long id, byte[] bytes) throws CorruptColumnException {
        ByteSource in = new ByteSource(bytes);
        int version = in.readByte();
        if (version != VERSION) {
            throw new CorruptColumnException("erasure of version " + version + ", expected " + VERSION);
        }
        String device = readText(in);
        boolean patterns = in.readByte() == 1;
        List<String> channels = new ArrayList<>();
        int count = in.readCount("channels", in.remaining());
        for (int i = 0; i < count; i++) {
            channels.add(readText(in));
        }
        ErasureRequest request = new ErasureRequest(device, channels, patterns, in.readLong(), in.readLong());
        long timeNs = in.readLong();
        int stage = in.readByte();
        if (stage >= ErasureStatus.Stage.values().length) {
            throw new CorruptColumnException("erasure in stage " + stage);
        }
        long readings = in.readVarint();
        long chunks = in.readVarint();
        Map<Origin, Long> ends = new TreeMap<>();
        int origins = in.readCount("origins", in.remaining());
        for (int i = 0; i < origins; i++) {
            ends.put(new Origin(readText(in), in.readVarint()), in.readVarint());
        }
        long logEnd = in.readVarint();
        in.expectEnd();
        return new Erasure(id, request, timeNs, ErasureStatus.Stage.values()[stage], readings, chunks, ends, logEnd);
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
