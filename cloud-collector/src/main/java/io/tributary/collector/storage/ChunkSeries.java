package io.tributary.collector.storage;

import io.tributary.collector.chunk.ChunkGroup;
import io.tributary.collector.chunk.RowGroup;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;
import io.tributary.model.Column;

/** A series of a chunk. */
record ChunkSeries(Fragment fragment, ChunkGroup group, int index) {
    Channel channel() {
        return group.channels().get(index).channel();
    }

    /** Ascending in event time. */
    SeriesRows load() throws CorruptColumnException {
        return load(group, index);
    }

    static SeriesRows load(ChunkGroup group, int index) throws CorruptColumnException {
        Column column = group.column(index);
        RowGroup rows = new RowGroup(
                group.rows(),
                group.eventTimes(),
                group.edgeTimes(),
                group.collectorTimes(),
                group.sequences(),
                group.origins(),
                new Channel[] {group.channels().get(index).channel()},
                new Column[] {column});
        return SeriesRows.of(rows, 0);
    }
}
