package io.tributary.sim.signal;

import io.tributary.sim.row.Row;

/** One simulated device. Used by one thread. */
interface DeviceSignals {
    /** Moves on by one interval and measures. */
    Row step(long eventTimeNs);
}
