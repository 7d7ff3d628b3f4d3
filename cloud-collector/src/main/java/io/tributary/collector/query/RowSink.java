package io.tributary.collector.query;

import java.io.IOException;

/** Takes the readings of an answer, one by one, on the thread that answers the query; may block. */
@FunctionalInterface
public interface RowSink {
    /**
     * @param row filled anew for the next call
     * @return false when the page shall end behind this row
     */
    boolean row(ReadingRow row) throws IOException;
}
