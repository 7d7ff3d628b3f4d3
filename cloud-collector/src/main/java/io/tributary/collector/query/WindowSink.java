package io.tributary.collector.query;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Takes the windows of an answer, series by series, on the thread that answers the query; may block. */
public interface WindowSink {
    /**
     * @param group device ID or tag value; null without grouping, and for devices without the tag
     * @param unit empty when unknown
     */
    void beginSeries(@Nullable String group, String channel, String unit) throws IOException;

    /**
     * @param startNs where the window begins; the whole range's beginning when it is the only one
     * @param values by function, NaN for none; filled anew for the next call
     * @return false when the page shall end behind this window
     */
    boolean window(long startNs, double[] values) throws IOException;

    void endSeries() throws IOException;
}
