package io.tributary.collector.storage;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Called by the HTTP API on any thread. The area is bounded in bytes: the oldest go first, and are counted. */
public interface DeadLetterReader {
    /**
     * @param cause only this one; null for all
     * @param after only IDs above; -1 from the beginning
     */
    List<DeadLetter> list(@Nullable String cause, int limit, long after);

    /** Null when there is none with this ID. */
    @Nullable
    DeadLetter get(long id);

    /** Letters held, by cause. */
    Map<String, Long> countByCause();

    /** Forgets a letter, when it was driven again or dismissed. */
    boolean remove(long id);
}
