package io.tributary.agent.source.mqttlistener;

import io.tributary.agent.source.Newcomers;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who may come in: so many at a time, so many of them not let in yet, so many a second. Where there is no place, the
 * oldest connection that has not sent its CONNECT gives way. Of the event loop.
 */
final class Admission {
    private static final double SECOND_NS = 1e9;

    private final MqttListenerOptions options;
    private final Set<Connection> open = new HashSet<>();
    private final Set<Connection> halfOpen = new HashSet<>();
    private final Newcomers<Connection> silent = new Newcomers<>();
    /** A bucket of a second's worth of connections. */
    private double tokens;

    private long filledNs;

    Admission(MqttListenerOptions options, long nowNs) {
        this.options = options;
        this.tokens = options.connectsPerSecond();
        this.filledNs = nowNs;
    }

    /**
     * @param nowNs of the monotonic clock
     * @return why it is refused; null when it has entered
     */
    @Nullable
    String enter(Connection connection, long nowNs) {
        double filled = tokens + (nowNs - filledNs) / SECOND_NS * options.connectsPerSecond();
        tokens = Math.min(options.connectsPerSecond(), filled);
        filledNs = nowNs;
        if (tokens < 1) {
            return "rate";
        }
        String full = open.size() >= options.connectionsMax()
                ? "limit"
                : halfOpen.size() >= options.halfOpenMax() ? "half-open" : null;
        if (full != null) {
            Connection oldest = silent.giveWay();
            if (oldest == null) {
                return full;
            }
            left(oldest);
            oldest.giveWay();
        }
        tokens--;
        open.add(connection);
        halfOpen.add(connection);
        silent.add(connection);
        return null;
    }

    /** Its CONNECT has come: it keeps its place. */
    void spoke(Connection connection) {
        silent.remove(connection);
    }

    /** It is not half open any more: let in. */
    void decided(Connection connection) {
        halfOpen.remove(connection);
    }

    /** Its place is free; may be called again. */
    void left(Connection connection) {
        open.remove(connection);
        halfOpen.remove(connection);
        silent.remove(connection);
    }
}
