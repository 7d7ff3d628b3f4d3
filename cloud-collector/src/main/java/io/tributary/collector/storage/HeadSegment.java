package io.tributary.collector.storage;

import io.tributary.model.Column;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A fixed number of rows of one layout, of any devices, in the order of arrival; or an {@link EncodedRun} that was opened.
 * Rows below a size that was read under the partition's lock do not change any more and may be read without it.
 */
final class HeadSegment implements HeadRows {
    private static final int ROW_BYTES = 3 * Long.BYTES + 2 * Integer.BYTES;
    private static final int ARRAY_BYTES = 24;
    private static final int[] NONE = {};

    private final HeadLayout layout;
    final long[] eventTimes;
    final long[] edgeTimes;
    final long[] sequences;
    /** Index of the append, which knows origin and collector time. */
    private final int[] appends;
    /** The device's row before this one; -1 at its first. */
    private final int[] previous;

    /** Values of columns; none of an opened run. */
    private final @Nullable Object[] values;

    /** Of an opened run, decoded when they are asked for; used by one thread then. */
    private final Column[] columns;
    /** Null where all are good. */
    private final byte[] @Nullable [] quality;

    private int size;
    /** Its place in the head. */
    private int index = -1;

    HeadSegment(HeadLayout layout, int capacity) {
        this.layout = layout;
        this.eventTimes = new long[capacity];
        this.edgeTimes = new long[capacity];
        this.sequences = new long[capacity];
        this.appends = new int[capacity];
        this.previous = new int[capacity];
        this.values = new Object[layout.width()];
        this.quality = new byte[layout.width()][];
        this.columns = new Column[0];
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (layout.type(i)) {
                case DOUBLE -> new double[capacity];
                case STRING -> new String[capacity];
                case LONG -> new long[capacity];
                case BOOL -> new byte[capacity];
            };
        }
    }

    /** A run that is opened. */
    HeadSegment(EncodedRun run, long[] eventTimes, long[] edgeTimes, long[] sequences) {
        this.layout = run.layout();
        this.columns = new Column[layout.width()];
        this.eventTimes = eventTimes;
        this.edgeTimes = edgeTimes;
        this.sequences = sequences;
        this.appends = NONE;
        this.previous = NONE;
        this.values = new Object[0];
        this.quality = new byte[columns.length][];
        for (int i = 0; i < columns.length; i++) {
            columns[i] = run.column(i);
            quality[i] = columns[i].quality();
        }
        this.size = run.rows();
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

    boolean isFull() {
        return size == eventTimes.length;
    }

    int capacity() {
        return eventTimes.length;
    }

    @Override
    public HeadLayout layout() {
        return layout;
    }

    @Override
    public int spanStart(int row) {
        int from = row;
        // In one segment the row before has the number below: the index of the segment is the same.
        while (from > 0 && previous[from] >= 0 && (previous[from] & ROW_MASK) == from - 1 && sameSegment(from)) {
            from--;
        }
        return from;
    }

    private boolean sameSegment(int row) {
        return previous[row] >>> ROW_BITS == index;
    }

    void placedAt(int place) {
        index = place;
    }

    @Override
    public int previous(int row) {
        return previous[row];
    }

    @Override
    public int append(int row) {
        return appends[row];
    }

    @Override
    public long firstEvent(int from, int to) {
        long first = eventTimes[from];
        for (int row = from + 1; row < to; row++) {
            first = Math.min(first, eventTimes[row]);
        }
        return first;
    }

    @Override
    public long lastEvent(int from, int to) {
        long last = eventTimes[from];
        for (int row = from + 1; row < to; row++) {
            last = Math.max(last, eventTimes[row]);
        }
        return last;
    }

    @Override
    public HeadSegment open() {
        return this;
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
            case DOUBLE -> ((double[]) value(column))[row] = source.doubles()[index];
            case LONG -> ((long[]) value(column))[row] = source.longs()[index];
            case BOOL -> ((byte[]) value(column))[row] = (byte) source.longs()[index];
            case STRING -> {
                String text = source.strings()[index];
                String[] texts = (String[]) value(column);
                // States repeat: the text before is kept once.
                boolean repeats = row > 0 && text.equals(texts[row - 1]);
                texts[row] = repeats ? texts[row - 1] : text;
                return repeats ? 0 : 56 + text.length();
            }
        }
        return 0;
    }

    /** Copies values of a column into an array of doubles, texts or longs; bools become longs. */
    void copy(int column, int at, Object target, int to, int length) {
        if (length == 1 && target instanceof double[] doubles) { // of rows of many devices
            doubles[to] = ((double[]) value(column))[at];
        } else if (value(column) instanceof byte[] bools) {
            long[] longs = (long[]) target;
            for (int i = 0; i < length; i++) {
                longs[to + i] = bools[at + i];
            }
        } else {
            System.arraycopy(value(column), at, target, to, length);
        }
    }

    /** Whether this is an opened run, whose columns are there as such. */
    boolean hasColumns() {
        return columns.length > 0;
    }

    /** A column of an opened run, over all rows; its values may be encoded only. */
    Column column(int index) {
        return columns[index];
    }

    /** Whether any row may have a quality other than good. */
    boolean hasQuality(int column) {
        return quality[column] != null;
    }

    int qualityAt(int column, int row) {
        byte[] codes = quality[column];
        return codes == null ? Quality.GOOD : codes[row] & 0xff;
    }

    private Object value(int column) {
        if (!hasColumns()) {
            return Objects.requireNonNull(values[column]);
        }
        return switch (layout.type(column)) {
            case DOUBLE -> columns[column].doubles();
            case STRING -> columns[column].strings();
            default -> columns[column].longs();
        };
    }
}
