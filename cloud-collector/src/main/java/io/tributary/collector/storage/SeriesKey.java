package io.tributary.collector.storage;

import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import java.util.Comparator;

/** What makes a series of a device: a channel that changes its unit stays the same, one that changes its type does not. */
record SeriesKey(String name, ValueType type) implements Comparable<SeriesKey> {
    private static final Comparator<SeriesKey> ORDER =
            Comparator.comparing(SeriesKey::name).thenComparing(SeriesKey::type);

    static SeriesKey of(Channel channel) {
        return new SeriesKey(channel.name(), channel.type());
    }

    @Override
    public int compareTo(SeriesKey other) {
        return ORDER.compare(this, other);
    }
}
