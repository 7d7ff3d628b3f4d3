@NullMarked
package io.tributary.sim.ledger;

import org.jspecify.annotations.NullMarked;
