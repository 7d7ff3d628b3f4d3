package io.tributary.collector.storage;

import io.tributary.model.Channel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The segments of a head by index, the channels and layouts that they have. Guarded as their head. */
final class HeadSegments {
    private static final int FIRST_SEGMENT_ROWS = 8;
    private static final int CHANNEL_BYTES = 200;
    private static final int LAYOUT_BYTES = 200;

    private final Map<Channel, Integer> channelIndex = new HashMap<>();
    private final List<Channel> channels = new ArrayList<>();
    private final Map<HeadLayout.Key, HeadLayout> layouts = new HashMap<>();
    private List<Channel> lastChannels = List.of();
    private int[] lastTable = {};
    private int[] lastIndexes = {};
    private HeadRows[] segments = {};
    private int size;
    private long bytes;

    /** What they cost, without texts. */
    long bytes() {
        return bytes;
    }

    /** By index; what is in it does not change, but there may be more in a later one. */
    HeadRows[] array() {
        return segments;
    }

    /** Index of the next one to be added. */
    int size() {
        return size;
    }

    /**
     * Of the channels of a table, in its order; the same array for the same list and channels, as batches of a fleet share
     * theirs.
     */
    int[] indexesOf(List<Channel> of, int[] channelsOfTable) {
        if (of != lastChannels || !Arrays.equals(channelsOfTable, lastTable)) {
            int[] indexes = new int[channelsOfTable.length];
            for (int i = 0; i < indexes.length; i++) {
                indexes[i] = indexOf(of.get(channelsOfTable[i]));
            }
            lastChannels = of;
            lastTable = channelsOfTable;
            lastIndexes = indexes;
        }
        return lastIndexes;
    }

    private int indexOf(Channel channel) {
        Integer known = channelIndex.get(channel);
        if (known != null) {
            return known;
        }
        channelIndex.put(channel, channels.size());
        channels.add(channel);
        bytes += CHANNEL_BYTES;
        return channels.size() - 1;
    }

    /** @param channelIndexes the first {@code count} of them */
    HeadLayout layout(int[] channelIndexes, int count) {
        HeadLayout.Key key = new HeadLayout.Key(Arrays.copyOf(channelIndexes, count));
        HeadLayout layout = layouts.get(key);
        if (layout == null) {
            Channel[] of = new Channel[count];
            for (int i = 0; i < count; i++) {
                of[i] = channels.get(channelIndexes[i]);
            }
            layout = new HeadLayout(of);
            layouts.put(key, layout);
            bytes += LAYOUT_BYTES + 8L * count;
        }
        return layout;
    }

    /** Adds a whole run. */
    void add(EncodedRun run) {
        bytes += run.bytes();
        append(run);
    }

    /** A segment of a layout with room for a row, which is at {@link HeadLayout#openIndex}. */
    HeadSegment open(HeadLayout layout) {
        int capacity = FIRST_SEGMENT_ROWS;
        if (layout.openIndex >= 0) {
            HeadSegment open = segments[layout.openIndex].open();
            if (!open.isFull()) {
                return open;
            }
            capacity = Math.min(HeadRows.ROWS_MAX, open.capacity() * 2);
        }
        HeadSegment segment = new HeadSegment(layout, capacity);
        bytes += HeadSegment.bytes(layout, capacity);
        layout.openIndex = size;
        segment.placedAt(size);
        append(segment);
        return segment;
    }

    private void append(HeadRows segment) {
        if (size == 1 << (31 - HeadRows.ROW_BITS)) {
            throw new IllegalStateException("head with " + size + " segments");
        }
        if (size == segments.length) {
            segments = Arrays.copyOf(segments, Math.max(8, size * 2));
        }
        segments[size++] = segment;
    }
}
