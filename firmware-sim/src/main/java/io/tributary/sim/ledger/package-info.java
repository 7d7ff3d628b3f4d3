/**
 * The ledger: what was sent, and what the agent said to it. The file's layout is drawn at {@link
 * io.tributary.sim.ledger.LedgerFormat}.
 */
@NullMarked
package io.tributary.sim.ledger;

import org.jspecify.annotations.NullMarked;
