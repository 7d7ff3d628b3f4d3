package io.tributary.agent.source;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of a listener that have not said anything whole yet. When there is no place for one more, the oldest of
 * them gives way: a limit that turned the newest away would let anybody keep devices out by connecting and waiting.
 *
 * <p>Of one event loop.
 *
 * @param <C> a connection
 */
public final class Newcomers<C> {
    private final Set<C> silent = new LinkedHashSet<>();

    public void add(C connection) {
        silent.add(connection);
    }

    /** It has said something, or is gone; may be called again. */
    public void remove(C connection) {
        silent.remove(connection);
    }

    /** The one that has been silent for longest, which is none any more and has to be closed; null when all have spoken. */
    public @Nullable C giveWay() {
        Iterator<C> oldest = silent.iterator();
        if (!oldest.hasNext()) {
            return null;
        }
        C connection = oldest.next();
        oldest.remove();
        return connection;
    }
}
