/**
 * How simulated devices reach an agent: TCP with frames or lines, pipelined, at least once.
 *
 * <pre>
 * Link.add(row) -> batch per connection -> DeliveryLog.sending -> window -> writer thread -> agent
 *                                          DeliveryLog.settled <- window <- reader thread <- replies
 * </pre>
 *
 * Generated protobuf classes stay in here.
 */
@NullMarked
package io.tributary.sim.link;

import org.jspecify.annotations.NullMarked;
