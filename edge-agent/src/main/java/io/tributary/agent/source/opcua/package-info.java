/**
 * Takes values from an OPC UA server, acknowledged to the server after fsync.
 *
 * <pre>
 * server -> publish responses -> ValueReader -> NotificationFeed -> intake -> fsync -> acknowledgement in the next publish request
 * </pre>
 *
 * Milo stays in here. What {@code main} names, {@link OpcuaConfig}, refers to none of its classes: an agent without such
 * a source does not load them.
 */
@NullMarked
package io.tributary.agent.source.opcua;

import org.jspecify.annotations.NullMarked;
