package io.tributary.collector.catalog;

import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.Utf8;
import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a device, as it is kept: told of rows in the order of their arrival, and never of the same twice. Not
 * thread-safe.
 */
public final class DeviceRecord {
    private static final int VERSION = 1;
    /** The first change and the latest ones: who flips a unit with every reading shall not fill the catalog. */
    private static final int HISTORY_MAX = 32;

    private Map<String, String> tags = Map.of();
    private long firstEventTimeNs = Long.MAX_VALUE;
    private long lastEventTimeNs = Long.MIN_VALUE;
    private final TreeMap<String, Known> channels = new TreeMap<>();
    private long newestBucket = Long.MIN_VALUE;
    private int newestFragments;

    private static final class Known {
        private long first = Long.MAX_VALUE;
        private long last = Long.MIN_VALUE;
        private final List<SchemaChange> history = new ArrayList<>(1);

        private SchemaChange current() {
            return history.get(history.size() - 1);
        }
    }

    /** Replaces the tags, unless there are none: a device that tells none leaves what is known. */
    public void tell(Map<String, String> told) {
        if (!told.isEmpty()) {
            tags = told;
        }
    }

    /** Readings of a channel arrived, the first of them at this collector time. */
    public void observe(Channel channel, long collectorTimeNs, long firstEvent, long lastEvent) {
        Known known = channels.computeIfAbsent(channel.name(), unused -> new Known());
        known.first = Math.min(known.first, firstEvent);
        known.last = Math.max(known.last, lastEvent);
        firstEventTimeNs = Math.min(firstEventTimeNs, firstEvent);
        lastEventTimeNs = Math.max(lastEventTimeNs, lastEvent);
        boolean same = !known.history.isEmpty()
                && known.current().type() == channel.type()
                && known.current().unit().equals(channel.unit());
        if (!same) {
            if (known.history.size() == HISTORY_MAX) {
                known.history.remove(1);
            }
            known.history.add(new SchemaChange(collectorTimeNs, channel.type(), channel.unit()));
        }
    }

    /**
     * A channel is found in a chunk, after records of the catalog were lost: what is known of it stays, but for when its
     * first and last readings were.
     */
    public void recover(Channel channel, long firstEvent, long lastEvent) {
        if (!channels.containsKey(channel.name())) {
            observe(channel, firstEvent, firstEvent, lastEvent);
            return;
        }
        Channel current = new Channel(
                channel.name(),
                channels.get(channel.name()).current().type(),
                channels.get(channel.name()).current().unit());
        observe(current, firstEvent, firstEvent, lastEvent);
    }

    /**
     * Fragments were written to a bucket. Only those of the newest one are counted, roughly: when they reach a limit the
     * count begins anew, as a fold makes one of them.
     *
     * @return whether they are as many as {@code limit}
     */
    public boolean wrote(long bucket, int fragments, int limit) {
        if (bucket < newestBucket) {
            return false;
        }
        newestFragments = bucket == newestBucket ? newestFragments + fragments : fragments;
        newestBucket = bucket;
        if (newestFragments < limit) {
            return false;
        }
        newestFragments = 1;
        return true;
    }

    /**
     * Readings were taken away: what is left of each channel, first and last event time by name.
     *
     * @return false when nothing is left
     */
    public boolean refit(Map<String, long[]> spans) {
        channels.keySet().retainAll(spans.keySet());
        firstEventTimeNs = Long.MAX_VALUE;
        lastEventTimeNs = Long.MIN_VALUE;
        channels.forEach((name, known) -> {
            long[] span = spans.getOrDefault(name, new long[] {known.first, known.last});
            known.first = span[0];
            known.last = span[1];
            firstEventTimeNs = Math.min(firstEventTimeNs, span[0]);
            lastEventTimeNs = Math.max(lastEventTimeNs, span[1]);
        });
        return !channels.isEmpty();
    }

    public Map<String, String> tags() {
        return tags;
    }

    public DeviceEntry entry(String id) {
        return new DeviceEntry(id, tags, firstEventTimeNs, lastEventTimeNs);
    }

    public DeviceDetail detail(String id) {
        List<ChannelEntry> entries = new ArrayList<>(channels.size());
        channels.forEach((name, known) -> {
            SchemaChange current = known.current();
            Channel channel = new Channel(name, current.type(), current.unit());
            entries.add(new ChannelEntry(channel, known.first, known.last, known.history));
        });
        return new DeviceDetail(entry(id), entries);
    }

    /** Highest event time by channel name. */
    public Map<String, Long> lastEventTimes() {
        Map<String, Long> times = new TreeMap<>();
        channels.forEach((name, known) -> times.put(name, known.last));
        return times;
    }

    public byte[] encode() {
        ByteSink out = new ByteSink(256);
        out.writeByte(VERSION);
        out.writeLong(firstEventTimeNs);
        out.writeLong(lastEventTimeNs);
        out.writeLong(newestBucket);
        out.writeVarint(newestFragments);
        out.writeVarint(tags.size());
        tags.forEach((key, value) -> {
            writeText(out, key);
            writeText(out, value);
        });
        out.writeVarint(channels.size());
        channels.forEach((name, known) -> {
            writeText(out, name);
            out.writeSignedVarint(known.first - firstEventTimeNs);
            out.writeSignedVarint(known.last - lastEventTimeNs);
            out.writeVarint(known.history.size());
            for (SchemaChange change : known.history) {
                out.writeLong(change.collectorTimeNs());
                out.writeByte(change.type().ordinal());
                writeText(out, change.unit());
            }
        });
        return out.toByteArray();
    }

    /** A record without anything when {@code bytes} is null. */
    public static DeviceRecord decode(byte @Nullable [] bytes) throws CorruptColumnException {
        DeviceRecord record = new DeviceRecord();
        if (bytes == null) {
            return record;
        }
        ByteSource in = new ByteSource(bytes);
        int version = in.readByte();
        if (version != VERSION) {
            throw new CorruptColumnException("catalog record of version " + version + ", expected " + VERSION);
        }
        record.firstEventTimeNs = in.readLong();
        record.lastEventTimeNs = in.readLong();
        record.newestBucket = in.readLong();
        record.newestFragments = in.readCount("fragments", Integer.MAX_VALUE);
        Map<String, String> tags = new TreeMap<>();
        int tagCount = in.readCount("tags", in.remaining());
        for (int i = 0; i < tagCount; i++) {
            tags.put(readText(in), readText(in));
        }
        record.tags = tags;
        int channelCount = in.readCount("channels", in.remaining());
        for (int i = 0; i < channelCount; i++) {
            Known known = new Known();
            record.channels.put(readText(in), known);
            known.first = record.firstEventTimeNs + in.readSignedVarint();
            known.last = record.lastEventTimeNs + in.readSignedVarint();
            int changes = in.readCount("schema changes", HISTORY_MAX);
            for (int k = 0; k < changes; k++) {
                long time = in.readLong();
                int type = in.readByte();
                if (type >= ValueType.values().length) {
                    throw new CorruptColumnException("value type " + type + " in the catalog");
                }
                known.history.add(new SchemaChange(time, ValueType.values()[type], readText(in)));
            }
            if (changes == 0) {
                throw new CorruptColumnException("channel without a type in the catalog");
            }
        }
        in.expectEnd();
        return record;
    }

    /**
     * The highest event time in a record, without decoding the rest: what arrives behind it meets nothing stored. {@link
     * Long#MAX_VALUE} when the record is damaged, {@link Long#MIN_VALUE} when there is none.
     */
    public static long lastEventTime(byte @Nullable [] bytes) {
        if (bytes == null) {
            return Long.MIN_VALUE;
        }
        try {
            ByteSource in = new ByteSource(bytes);
            if (in.readByte() != VERSION) {
                return Long.MAX_VALUE;
            }
            in.readLong();
            return in.readLong();
        } catch (CorruptColumnException e) {
            return Long.MAX_VALUE;
        }
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
