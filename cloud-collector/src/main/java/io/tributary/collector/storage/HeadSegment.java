package io.tributary.collector.storage;

import io.tributary.model.Column;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of rows of one layout, of any devices, in the order of arrival. Rows below a size that was read under
 * the partition's lock do not change any more and may be read without it.
 */
final class HeadSegment {
    static final int ROW_BITS = 10;
    static final int ROWS_MAX = 1 << ROW_BITS;
    static final int ROW_MASK = ROWS_MAX - 1;
    private static final int ROW_BYTES = 3 * Long.BYTES + 2 * Integer.BYTES;
    private static final int ARRAY_BYTES = 24;

    final HeadLayout layout;
    final long[] eventTimes;
    final long[] edgeTimes;
    final long[] sequences;
    /** Index of the append, which knows origin and collector time. */
    final int[] appends;
    /** The device's row before this one, as {@code segment << ROW_BITS | row}; -1 at its first. */
    final int[] previous;

    private final @Nullable Object[] values;
    /** Null where all are good. */
    private final byte[] @Nullable [] quality;

    private int size;

    HeadSegment(HeadLayout layout, int capacity) {
        this.layout = layout;
        this.eventTimes = new long[capacity];
        this.edgeTimes = new long[capacity];
        this.sequences = new long[capacity];
        this.appends = new int[capacity];
        this.previous = new int[capacity];
        this.values = new Object[layout.width()];
        this.quality = new byte[layout.width()][];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (layout.type(i)) {
                case DOUBLE -> new double[capacity];
                case STRING -> new String[capacity];
                case LONG -> new long[capacity];
                case BOOL -> new byte[capacity];
            };
        }
    }

    /** What a segment costs, without texts. */
    static long bytes(HeadLayout layout, int capacity) {
        long bytes = 5 * ARRAY_BYTES + 48 + (long) capacity * ROW_BYTES;
        for (int i = 0; i < layout.width(); i++) {
            int width = layout.type(i) == ValueType.BOOL ? 1 : layout.type(i) == ValueType.STRING ? 4 : 8;
            bytes += ARRAY_BYTES + 8 + (long) capacity * width;
        }
        return bytes;
    }

    int size() {
        return size;
    }

    boolean isFull() {
        return size == eventTimes.length;
    }

    int capacity() {
        return eventTimes.length;
    }

    /** Appends a row without its values; they follow by {@link #set}. */
    int add(long eventTime, long edgeTime, long sequence, int append, int previousRow) {
        int row = size++;
        eventTimes[row] = eventTime;
        edgeTimes[row] = edgeTime;
        sequences[row] = sequence;
        appends[row] = append;
        previous[row] = previousRow;
        return row;
    }

    /** @return bytes that a text takes beside the array */
    long set(int row, int column, Column source, int index) {
        int code = source.qualityAt(index);
        if (code != Quality.GOOD) {
            byte[] codes = quality[column];
            if (codes == null) {
                codes = new byte[eventTimes.length];
                quality[column] = codes;
            }
            codes[row] = (byte) code;
        }
        switch (source.type()) {
            case DOUBLE -> doubles(column)[row] = source.doubles()[index];
            case LONG -> longs(column)[row] = source.longs()[index];
            case BOOL -> bools(column)[row] = (byte) source.longs()[index];
            case STRING -> {
                String text = source.strings()[index];
                String[] texts = strings(column);
                // States repeat: the text before is kept once.
                boolean repeats = row > 0 && text.equals(texts[row - 1]);
                texts[row] = repeats ? texts[row - 1] : text;
                return repeats ? 0 : 56 + text.length();
            }
        }
        return 0;
    }

    double[] doubles(int column) {
        return (double[]) value(column);
    }

    long[] longs(int column) {
        return (long[]) value(column);
    }

    byte[] bools(int column) {
        return (byte[]) value(column);
    }

    String[] strings(int column) {
        return (String[]) value(column);
    }

    int qualityAt(int column, int row) {
        byte[] codes = quality[column];
        return codes == null ? Quality.GOOD : codes[row] & 0xff;
    }

    private Object value(int column) {
        return Objects.requireNonNull(values[column]);
    }
}
