package io.tributary.agent.source.mqttlistener;

import org.jspecify.annotations.Nullable;

/** Who may come in: so many at a time, so many of them not let in yet, so many a second. Of the event loop. */
final class Admission {
    private static final double SECOND_NS = 1e9;

    private final MqttListenerOptions options;
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
            return "limit";
        } else if (halfOpen >= options.halfOpenMax()) {
            return "half-open";
        } else if (tokens < 1) {
            return "rate";
        }
        tokens--;
        connections++;
        halfOpen++;
        return null;
    }

    /** It is not half open any more: let in, or gone before that. */
    void decided() {
        halfOpen--;
    }

    void left() {
        connections--;
    }
}
