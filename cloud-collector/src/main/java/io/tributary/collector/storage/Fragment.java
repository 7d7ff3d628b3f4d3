package io.tributary.collector.storage;

import io.tributary.collector.chunk.Chunk;

/** A chunk where it lies. */
record Fragment(byte[] key, Chunk chunk) {
    boolean overlaps(long firstNs, long lastNs) {
        return chunk.firstTime() <= lastNs && chunk.lastTime() >= firstNs;
    }
}
