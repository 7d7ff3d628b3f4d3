package io.tributary.agent.source.mqttlistener;

import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may come in: so many at a time, so many of them not let in yet, so many a second. The oldest that was not let in yet
 * gives way to one more, so that nobody keeps others out by connecting and waiting. Of the event loop.
 */
final class Admission {
    static final String LIMIT = "limit";
    static final String HALF_OPEN = "half-open";
    private static final double SECOND_NS = 1e9;

    private final MqttListenerOptions options;
    private final Set<Connection> newcomers = new LinkedHashSet<>();
    private int connections;
    private int halfOpen;
    /** A bucket of a second's worth of connections. */
    private double tokens;

    private long filledNs;

    Admission(MqttListenerOptions options, long nowNs) {
        this.options = options;
        this.tokens = options.connectsPerSecond();
        this.filledNs = nowNs;
    }

    /** @return why one more is refused; null when it has entered */
    @Nullable
    String enter(long nowNs) {
        double filled = tokens + (nowNs - filledNs) / SECOND_NS * options.connectsPerSecond();
        tokens = Math.min(options.connectsPerSecond(), filled);
        filledNs = nowNs;
        if (connections >= options.connectionsMax()) {
            return LIMIT;
        } else if (halfOpen >= options.halfOpenMax()) {
            return HALF_OPEN;
        } else if (tokens < 1) {
            return "rate";
        }
        tokens--;
        connections++;
        halfOpen++;
        return null;
    }

    /** It counts as half open, after {@link #enter}. */
    void waits(Connection connection) {
        newcomers.add(connection);
    }

    /** The one that has waited longest to be let in; null when nobody waits. */
    @Nullable
    Connection oldest() {
        Iterator<Connection> each = newcomers.iterator();
        return each.hasNext() ? each.next() : null;
    }

    /** It is not half open any more: let in, or gone before that. */
    void decided(Connection connection) {
        newcomers.remove(connection);
        halfOpen--;
    }

    void left() {
        connections--;
    }
}
