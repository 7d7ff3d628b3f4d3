/**
 * Where readings come in. Nothing here stores: a delivery is checked, decoded and handed to the partitions' writer, and
 * the agent is told what the writer says is durable.
 *
 * <pre>
 * AgentPipe -> AgentStream -> InFlightBudget -> DeliveryCheck -> BatchWriter
 *    ^             |                                                 |
 *    +- Outbound <-+--------------- acknowledgement -----------------+
 * </pre>
 */
@NullMarked
package io.tributary.collector.ingest;

import org.jspecify.annotations.NullMarked;
