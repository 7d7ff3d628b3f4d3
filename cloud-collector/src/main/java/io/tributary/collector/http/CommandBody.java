package io.tributary.collector.http;

import io.tributary.config.Default;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is posted to have a command carried out; API.md describes every member.
 *
 * @param id null: made by the collector
 * @param expires from this moment
 */
record CommandBody(
        @Nullable String id,
        Kind kind,
        @Default("5m") Duration expires,
        @Nullable String source,
        @Nullable String device,
        @Nullable String topic,
        @Nullable String payload,
        @Nullable String base64,
        @Nullable String node,
        @Nullable String value,
        @Nullable String action) {
    enum Kind {
        DEVICE_PUBLISH,
        OPCUA_WRITE,
        AGENT
    }

    private Map<String, @Nullable String> members() {
        Map<String, @Nullable String> members = new LinkedHashMap<>();
        members.put("source", source);
        members.put("device", device);
        members.put("topic", topic);
        members.put("payload", payload);
        members.put("base64", base64);
        members.put("node", node);
        members.put("value", value);
        members.put("action", action);
        return members;
    }

    private String kindName() {
        return switch (kind) {
            case DEVICE_PUBLISH -> "device-publish";
            case OPCUA_WRITE -> "opcua-write";
            case AGENT -> "agent";
        };
    }

    void expectOnly(String... names) {
        List<String> known = Arrays.asList(names);
        members().forEach((name, given) -> {
            if (given != null && !known.contains(name)) {
                throw new IllegalArgumentException(
                        name + " is given with kind " + kindName() + ", expected " + String.join(", ", known));
            }
        });
    }

    String required(String name) {
        String given = members().get(name);
        if (given == null) {
            throw new IllegalArgumentException(name + " is missing, expected a text with kind " + kindName());
        }
        return given;
    }
}
