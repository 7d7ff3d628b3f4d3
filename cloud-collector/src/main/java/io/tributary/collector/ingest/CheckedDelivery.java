package io.tributary.collector.ingest;

import io.tributary.collector.partition.Append;
import io.tributary.proto.v1.Rejection;
import java.util.List;

/**
 * What goes to the writer, and what the agent is told once it is durable.
 *
 * @param rows that will be stored
 */
record CheckedDelivery(Append append, List<Rejection> rejections, long rows) {}
