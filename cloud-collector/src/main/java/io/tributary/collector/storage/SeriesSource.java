package io.tributary.collector.storage;

import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;

/** Readings of one series in one place, taken out when they are asked for. */
interface SeriesSource {
    Channel channel();

    /** Sorted when it comes from a chunk, in the order of arrival when it comes from a head. */
    SeriesRows load() throws CorruptColumnException;
}
