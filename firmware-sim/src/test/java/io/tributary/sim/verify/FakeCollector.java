package io.tributary.sim.verify;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The part of a collector's HTTP API that verify uses. */
public final class FakeCollector implements AutoCloseable {
    /** A stored reading; its value as JSON. */
    public record Stored(String device, String channel, long timeNs, String json, String quality) {}

    private final HttpServer server;
    // Guarded by this.
    private final List<Stored> readings = new ArrayList<>();
    private final List<String> queries = new ArrayList<>();
    private int failures;

    public FakeCollector() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/api/v1/readings", this::answer); // anything else: 404
        server.start();
    }

    public URI uri() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public synchronized void add(String device, String channel, long timeNs, Object value) {
        readings.add(new Stored(device, channel, timeNs, json(value), "good"));
    }

    public synchronized void add(Stored stored) {
        readings.add(stored);
    }

    public synchronized List<Stored> readings() {
        return readings;
    }

    /** The next so many requests are answered by an error. */
    public synchronized void failNext(int requests) {
        failures = requests;
    }

    public synchronized int requests() {
        return queries.size();
    }

    public static String json(Object value) {
        if (value instanceof Double number && !Double.isFinite(number)) {
            return "\"" + number + "\"";
        } else if (value instanceof String text) {
            return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
        }
        return String.valueOf(value);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            Map<String, String> query = new HashMap<>();
            for (String part : exchange.getRequestURI().getRawQuery().split("&")) {
                int equals = part.indexOf('=');
                query.put(
                        part.substring(0, equals),
                        URLDecoder.decode(part.substring(equals + 1), StandardCharsets.UTF_8));
            }
            StringBuilder body = new StringBuilder();
            int status = page(query, body, exchange);
            byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private synchronized int page(Map<String, String> query, StringBuilder body, HttpExchange exchange) {
        queries.add(exchange.getRequestURI().toString());
        if (failures > 0) {
            failures--;
            body.append("{\"title\":\"on fire\"}");
            return 503;
        }
        String device = query.getOrDefault("device", "");
        List<Stored> all =
                readings.stream().filter(each -> each.device.equals(device)).toList();
        int from = Integer.parseInt(query.getOrDefault("next", "0"));
        int to = Math.min(all.size(), from + Integer.parseInt(query.getOrDefault("limit", "100")));
        for (Stored each : all.subList(from, to)) {
            Instant time = Instant.ofEpochSecond(
                    Math.floorDiv(each.timeNs, 1_000_000_000L), Math.floorMod(each.timeNs, 1_000_000_000L));
            body.append("{\"device\":")
                    .append(json(each.device))
                    .append(",\"channel\":")
                    .append(json(each.channel))
                    .append(",\"event_time\":\"")
                    .append(time)
                    .append("\",\"edge_time\":\"2024-01-01T00:00:00Z\",\"collector_time\":null,\"value\":")
                    .append(each.json)
                    .append(",\"quality\":")
                    .append(json(each.quality))
                    .append("}\n");
        }
        if (to < all.size()) {
            exchange.getResponseHeaders().set("Tributary-Next", Integer.toString(to));
        }
        return 200;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
