package io.tributary.sim.load;

/**
 * A batch ready to be sent.
 *
 * @param encoded a {@code tributary.v1.Batch}
 * @param readings in it
 */
record LoadBatch(byte[] encoded, long readings) {}
