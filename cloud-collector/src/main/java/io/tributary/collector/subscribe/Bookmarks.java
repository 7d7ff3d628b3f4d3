package io.tributary.collector.subscribe;

import io.tributary.collector.log.LogPosition;
import io.tributary.collector.storage.StateStore;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The named bookmarks, in memory and in the store. One survives kill -9 as soon as it is committed; after a loss of power
 * it may stand where it stood a moment before: readings come twice then, none is left out. Any thread.
 */
final class Bookmarks {
    private static final Logger LOG = LoggerFactory.getLogger(Bookmarks.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private final StateStore store;
    private final int max;
    // guarded by this
    private final TreeMap<String, Bookmark> all = new TreeMap<>();

    Bookmarks(StateStore store, int max) {
        this.store = store;
        this.max = max;
    }

    synchronized void load() {
        store.forEach((name, value) -> {
            try {
                ByteBuffer in = ByteBuffer.wrap(value);
                long updated = in.getLong();
                byte[] position = new byte[in.remaining()];
                in.get(position);
                all.put(name, new Bookmark(name, LogPosition.decode(position), updated));
            } catch (RuntimeException e) {
                LOG.error("bookmark {} is damaged and left out: {}", name, e.getMessage());
            }
        });
    }

    synchronized List<Bookmark> list() {
        return new ArrayList<>(all.values());
    }

    @Nullable
    synchronized Bookmark get(String name) {
        return all.get(name);
    }

    /** Makes or moves a bookmark, forwards or backwards. */
    synchronized Bookmark put(String name, LogPosition position, long nowNs) {
        if (!NAME.matcher(name).matches()) {
            throw new SubscribeException(
                    SubscribeException.Kind.INVALID,
                    "bookmark \"" + name + "\", expected 1 to 64 letters, digits, dots, dashes or underscores");
        }
        if (!all.containsKey(name) && all.size() >= max) {
            throw new SubscribeException(
                    SubscribeException.Kind.EXHAUSTED,
                    "there are " + max + " bookmarks, expected less: delete one, or raise stream.bookmarks-max");
        }
        byte[] bytes = position.encode();
        store.put(
                name,
                ByteBuffer.allocate(8 + bytes.length).putLong(nowNs).put(bytes).array());
        Bookmark bookmark = new Bookmark(name, position, nowNs);
        all.put(name, bookmark);
        return bookmark;
    }

    /** @return false when there was none */
    synchronized boolean remove(String name) {
        if (!all.containsKey(name)) {
            return false;
        }
        store.remove(name);
        all.remove(name);
        return true;
    }
}
