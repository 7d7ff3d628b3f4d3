package io.tributary.collector.subscribe;

import io.tributary.collector.log.LogPosition;

/**
 * A place in the log with a name.
 *
 * @param updatedNs when it was last committed
 */
public record Bookmark(String name, LogPosition position, long updatedNs) {}
