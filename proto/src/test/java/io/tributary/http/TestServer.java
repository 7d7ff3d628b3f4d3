package io.tributary.http;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.DataPointSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot.GaugeDataPointSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.tributary.config.ByteSize;
import io.tributary.config.HostPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;

/** A server on a free port, small in every limit. */
final class TestServer implements AutoCloseable {
    static final HostPort ANY_PORT = new HostPort("127.0.0.1", 0);

    final PrometheusRegistry registry = new PrometheusRegistry();
    final HttpServer server;
    final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    TestServer(Router router) {
        this(options(4, 8, Duration.ofSeconds(30)), router);
    }

    TestServer(HttpServerOptions options, Router router) {
        server = new HttpServer(options, router, registry);
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static HttpServerOptions options(int workers, int queued, Duration requestTimeout) {
        return new HttpServerOptions(
                ANY_PORT,
                20,
                new ByteSize(512),
                new ByteSize(2048),
                new ByteSize(4096),
                Duration.ofSeconds(30),
                requestTimeout,
                Duration.ofSeconds(30),
                Duration.ofSeconds(5),
                workers,
                queued);
    }

    int port() {
        return server.address().getPort();
    }

    HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port() + path))
                .timeout(Duration.ofSeconds(30));
    }

    HttpResponse<String> get(String path) {
        return send(request(path).build());
    }

    HttpResponse<String> send(HttpRequest request) {
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    RawClient raw() {
        return new RawClient(port());
    }

    /** Sum over the label values that are given, in any label. */
    double metric(String name, String... labelValues) {
        double sum = 0;
        for (MetricSnapshot snapshot : registry.scrape()) {
            // The name of a counter is kept without its suffix.
            String counter = snapshot.getMetadata().getPrometheusName() + "_total";
            if (name.equals(counter) || name.equals(snapshot.getMetadata().getPrometheusName())) {
                for (DataPointSnapshot point : snapshot.getDataPoints()) {
                    sum += hasLabels(point, labelValues) ? value(point) : 0;
                }
            }
        }
        return sum;
    }

    private static boolean hasLabels(DataPointSnapshot point, String... values) {
        for (String value : values) {
            if (point.getLabels().stream().noneMatch(label -> label.getValue().equals(value))) {
                return false;
            }
        }
        return true;
    }

    private static double value(DataPointSnapshot point) {
        return point instanceof CounterDataPointSnapshot counter
                ? counter.getValue()
                : ((GaugeDataPointSnapshot) point).getValue();
    }

    @Override
    public void close() {
        server.close();
    }
}
