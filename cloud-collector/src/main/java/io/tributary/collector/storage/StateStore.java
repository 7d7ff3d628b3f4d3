package io.tributary.collector.storage;

import java.util.function.BiConsumer;

/**
 * Small values that others keep between starts, by name, beside the data: what the agent directory knows of an agent,
 * bookmarks. Any thread. A value survives kill -9 once {@link #put} returned, and power loss after the next append.
 */
public interface StateStore {
    void forEach(BiConsumer<String, byte[]> each);

    /** Replaces what was kept under {@code name}. */
    void put(String name, byte[] value);

    /** As {@link #put}, fsynced on return. */
    void putSynced(String name, byte[] value);

    void remove(String name);
}
