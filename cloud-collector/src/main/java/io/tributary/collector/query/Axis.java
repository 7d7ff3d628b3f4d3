package io.tributary.collector.query;

import io.tributary.collector.storage.SeriesSlice;

/** Which of a reading's times a query is about. Blocks are ordered by event time; the other axes cost a full scan. */
public enum Axis {
    EVENT,
    EDGE,
    COLLECTOR;

    /** The slice's times on this axis; the array may be longer than the slice. */
    long[] times(SeriesSlice slice) {
        return switch (this) {
            case EVENT -> slice.eventTimes();
            case EDGE -> slice.edgeTimes();
            case COLLECTOR -> slice.collectorTimes();
        };
    }
}
