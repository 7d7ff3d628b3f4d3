package io.tributary.collector.http;

import io.tributary.http.JsonWriter;
import java.io.IOException;
import java.util.Map;

/** Members that many answers have. */
final class ApiJson {
    static final double NANOS_PER_SECOND = 1e9;

    private ApiJson() {}

    static void time(JsonWriter json, String name, long ns) throws IOException {
        json.name(name).beginRaw().ascii('"');
        ApiTime.write(json.output(), ns);
        json.output().ascii('"');
        json.endRaw();
    }

    /** Null when it is 0: it has not happened. */
    static void timeOrNull(JsonWriter json, String name, long ns) throws IOException {
        if (ns == 0) {
            json.name(name).nullValue();
        } else {
            time(json, name, ns);
        }
    }

    static void seconds(JsonWriter json, String name, long ns) throws IOException {
        json.name(name).value(ns / NANOS_PER_SECOND);
    }

    static void texts(JsonWriter json, String name, Map<String, String> texts) throws IOException {
        json.name(name).beginObject();
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            json.name(entry.getKey()).value(entry.getValue());
        }
        json.endObject();
    }

    static void counts(JsonWriter json, String name, Map<String, Long> counts) throws IOException {
        json.name(name).beginObject();
        for (Map.Entry<String, Long> entry : counts.entrySet()) {
            json.name(entry.getKey()).value(entry.getValue());
        }
        json.endObject();
    }
}
