package io.tributary.collector.subscribe;

import io.tributary.collector.log.LogPosition;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import java.io.IOException;

/** Where the readings of a subscription go; called by the thread that polls it, which waits here for a slow client. */
public interface ReadingSink {
    /** @param index of the value in {@code values} */
    void reading(
            String device,
            Channel channel,
            long eventTimeNs,
            long edgeTimeNs,
            long collectorTimeNs,
            Column values,
            int index)
            throws IOException;

    /** Records are gone: the log has dropped them, or they cannot be read. */
    void missed(long records) throws IOException;

    /** Everything up to here was given. */
    void position(LogPosition position) throws IOException;
}
