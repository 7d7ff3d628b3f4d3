/**
 * Ledger against collector, reading by reading, in bounded memory.
 *
 * <pre>
 * ledgers -> Entry* -> SpillSorter by (device, time, channel, order) -> Expectations, one per reading, on disk
 *                                                                            |
 * collector -> pages -> ReadingParser -> SpillSorter by (time, channel) -> DeviceComparison -> Account
 * </pre>
 */
@NullMarked
package io.tributary.sim.verify;

import org.jspecify.annotations.NullMarked;
