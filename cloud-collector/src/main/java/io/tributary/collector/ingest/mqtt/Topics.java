package io.tributary.collector.ingest.mqtt;

import org.jspecify.annotations.Nullable;

/** Of agents: {@code tributary/v1/{agent}/up} and {@code /down}. Pure. */
final class Topics {
    private static final String PREFIX = "tributary/v1/";
    private static final String UP = "/up";
    private static final String DOWN = "/down";

    private Topics() {}

    static String sharedUp(String group) {
        return "$share/" + group + "/" + PREFIX + "+" + UP;
    }

    static String down(String agent) {
        return PREFIX + agent + DOWN;
    }

    /** Who published to it; null when it is no agent's. */
    static @Nullable String agent(String topic) {
        if (!topic.startsWith(PREFIX) || !topic.endsWith(UP) || topic.length() <= PREFIX.length() + UP.length()) {
            return null;
        }
        String agent = topic.substring(PREFIX.length(), topic.length() - UP.length());
        return agent.indexOf('/') < 0 ? agent : null;
    }
}
