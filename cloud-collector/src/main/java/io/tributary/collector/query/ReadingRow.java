package io.tributary.collector.query;

import io.tributary.collector.storage.LatestReadings;
import io.tributary.collector.storage.SeriesSlice;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * One reading as a sink sees it. The engine fills the same object again for the next row: a sink that keeps a row keeps
 * a {@link #copy()}. Value accessors answer for their own type only.
 */
public final class ReadingRow {
    private String device = "";
    private Channel channel = Channel.of("none", ValueType.LONG);
    private long eventTimeNs;
    private long edgeTimeNs;
    private long collectorTimeNs;
    private int quality;
    private long bits;
    private @Nullable String text;

    ReadingRow() {}

    void set(String ofDevice, SeriesSlice slice, int row) {
        device = ofDevice;
        channel = slice.channel();
        eventTimeNs = slice.eventTimes()[row];
        edgeTimeNs = slice.edgeTimes()[row];
        collectorTimeNs = slice.collectorTimes()[row];
        setValue(slice.values(), row);
    }

    void set(String ofDevice, LatestReadings latest, int index) {
        device = ofDevice;
        channel = latest.channel(index);
        eventTimeNs = latest.eventTimeNs(index);
        edgeTimeNs = latest.edgeTimeNs(index);
        collectorTimeNs = latest.collectorTimeNs(index);
        quality = latest.quality(index);
        bits = latest.bits(index);
        text = latest.text(index);
    }

    private void setValue(Column values, int row) {
        quality = values.qualityAt(row);
        text = null;
        switch (values.type()) {
            case DOUBLE -> bits = Double.doubleToRawLongBits(values.doubles()[row]);
            case LONG, BOOL -> bits = values.longs()[row];
            case STRING -> text = values.strings()[row];
        }
    }

    public ReadingRow copy() {
        ReadingRow copy = new ReadingRow();
        copy.device = device;
        copy.channel = channel;
        copy.eventTimeNs = eventTimeNs;
        copy.edgeTimeNs = edgeTimeNs;
        copy.collectorTimeNs = collectorTimeNs;
        copy.quality = quality;
        copy.bits = bits;
        copy.text = text;
        return copy;
    }

    public String device() {
        return device;
    }

    public Channel channel() {
        return channel;
    }

    public long eventTimeNs() {
        return eventTimeNs;
    }

    public long edgeTimeNs() {
        return edgeTimeNs;
    }

    public long collectorTimeNs() {
        return collectorTimeNs;
    }

    long timeNs(Axis axis) {
        return switch (axis) {
            case EVENT -> eventTimeNs;
            case EDGE -> edgeTimeNs;
            case COLLECTOR -> collectorTimeNs;
        };
    }

    /** A code of {@link io.tributary.model.Quality}. */
    public int quality() {
        return quality;
    }

    public double doubleValue() {
        return Double.longBitsToDouble(bits);
    }

    public long longValue() {
        return bits;
    }

    public boolean boolValue() {
        return bits != 0;
    }

    public String stringValue() {
        String value = text;
        if (value == null) {
            throw new IllegalStateException("BUG: text of a reading of type " + channel.type());
        }
        return value;
    }
}
