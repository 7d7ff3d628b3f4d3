package io.tributary.collector.ingest.mqtt;

import io.tributary.mqtt.BrokerLink;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A connection without a broker: keeps what is said on it. */
public final class RecordingLink implements BrokerLink {
    public record Published(String topic, byte[] payload) {}

    public final List<Integer> acknowledged = new CopyOnWriteArrayList<>();
    public final List<Published> published = new CopyOnWriteArrayList<>();
    public final List<String> subscribed = new CopyOnWriteArrayList<>();

    @Override
    public boolean connect() {
        return false;
    }

    @Override
    public void subscribe(List<String> filters, int qos, boolean retained) {
        subscribed.addAll(filters);
    }

    @Override
    public void unsubscribe(List<String> filters) {
        subscribed.removeAll(filters);
    }

    @Override
    public void acknowledge(int id) {
        acknowledged.add(id);
    }

    @Override
    public void publish(String topic, byte[] payload) {
        published.add(new Published(topic, payload));
    }

    @Override
    public void publish(String topic, byte[] payload, @Nullable Duration expiry, Settled settled) {
        published.add(new Published(topic, payload));
        settled.settled(Outcome.TAKEN, "");
    }

    @Override
    public int window() {
        return 20;
    }

    @Override
    public long packetBytesMax() {
        return Long.MAX_VALUE;
    }

    @Override
    public void close() {
        subscribed.clear();
    }
}
