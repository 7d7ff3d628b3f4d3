package io.tributary.collector.subscribe;

import io.tributary.collector.catalog.Glob;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a subscriber asks for.
 *
 * @param channels empty for all
 * @param position where to go on, a token; null for none
 * @param bookmark its name; null for none. Without a position it says where to begin, when it is there
 * @param autoCommit whether what was sent is committed to the bookmark
 * @param fromNs where to begin when nothing else says so: a collector time; null for now, {@link Long#MIN_VALUE} for the
 *     oldest record
 */
public record StreamRequest(
        Glob device,
        List<Glob> channels,
        @Nullable String position,
        @Nullable String bookmark,
        boolean autoCommit,
        @Nullable Long fromNs) {
    public StreamRequest {
        channels = List.copyOf(channels);
        if (autoCommit && bookmark == null) {
            throw new SubscribeException(
                    SubscribeException.Kind.INVALID, "commit is auto without a bookmark, expected its name");
        }
    }

    boolean selectsChannel(String name) {
        for (Glob channel : channels) {
            if (channel.matches(name)) {
                return true;
            }
        }
        return channels.isEmpty();
    }
}
