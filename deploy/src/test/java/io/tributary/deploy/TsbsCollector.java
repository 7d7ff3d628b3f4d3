package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.agents.AgentSummary;
import io.tributary.collector.agents.GapReport;
import io.tributary.collector.http.CollectorApi;
import io.tributary.collector.partition.Append;
import io.tributary.collector.partition.AppendCallback;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryLimits;
import io.tributary.collector.storage.EngineOptions;
import io.tributary.collector.storage.TimeSeriesEngine;
import io.tributary.config.HostPort;
import io.tributary.http.HttpServer;
import io.tributary.http.HttpServerOptions;
import io.tributary.http.Router;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The collector's store and HTTP API in this process, with a fleet of trucks in it. */
final class TsbsCollector implements AutoCloseable {
    private static final int LINES_PER_BATCH = 2_000;

    private final TimeSeriesEngine store;
    private final HttpServer server;
    private final QueryClient client;

    TsbsCollector(Path directory, TsbsFleet fleet) throws IOException {
        PrometheusRegistry registry = new PrometheusRegistry();
        store = TimeSeriesEngine.open(directory, EngineOptions.DEFAULT, Instant::now, registry);
        load(fleet);
        QueryEngine engine =
                new QueryEngine(store.reader(), store.catalog(), QueryLimits.DEFAULT, System::nanoTime, registry);
        CollectorApi api = new CollectorApi(
                engine, store.catalog(), new NoAgents(), store.deadLetters(), Instant::now, () -> null, registry);
        server = new HttpServer(HttpServerOptions.on(new HostPort("127.0.0.1", 0)), api.addTo(new Router()), registry);
        server.start();
        client = new QueryClient(server.address().getPort());
    }

    /** Two thirds are flushed to chunks, the rest stays in the heads. */
    @SuppressWarnings("NullAway") // does not see the annotation of an array in a class file
    private void load(TsbsFleet fleet) {
        long sequence = 0;
        for (int from = 0; from < fleet.lines.size(); from += LINES_PER_BATCH) {
            List<TsbsFleet.Line> part = fleet.lines.subList(from, Math.min(fleet.lines.size(), from + LINES_PER_BATCH));
            BatchBuilder builder = new BatchBuilder();
            for (TsbsFleet.Line line : part) {
                var row = builder.row(
                        new Device(line.truck(), fleet.tags.getOrDefault(line.truck(), Map.of())),
                        line.timeNs(),
                        line.timeNs());
                line.fields().forEach((name, value) -> {
                    if (name.equals("status")) {
                        row.set(name, value.longValue());
                    } else {
                        row.set(name, value);
                    }
                });
            }
            Batch batch = builder.build();
            append(new Append(new Origin("tsbs", 1), sequence, batch.readingCount(), batch, null, null, List.of()));
            sequence += batch.readingCount();
            if (from < fleet.lines.size() / 3 * 2) {
                store.flush();
            }
        }
    }

    private void append(Append append) {
        CompletableFuture<Long> durable = new CompletableFuture<>();
        boolean taken = store.writer().append(append, new AppendCallback() {
            @Override
            public void durable(long collectorTimeNs) {
                durable.complete(collectorTimeNs);
            }

            @Override
            public void failed(Throwable cause) {
                durable.completeExceptionally(cause);
            }
        });
        assertThat(taken).isTrue();
        durable.join();
    }

    /** Lines of an answer as CSV, by the names in its first line; what is empty is left out. */
    List<Map<String, String>> csv(String path) throws IOException {
        client.get(path + "&format=csv");
        String[] lines = client.text().split("\n");
        String[] names = lines[0].split(",");
        List<Map<String, String>> rows = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            String[] fields = lines[i].split(",", -1);
            Map<String, String> row = new LinkedHashMap<>();
            for (int k = 0; k < names.length; k++) {
                if (!fields[k].isEmpty()) {
                    row.put(names[k], fields[k]);
                }
            }
            rows.add(row);
        }
        return rows;
    }

    @Override
    public void close() throws IOException {
        client.close();
        server.close();
        store.close();
    }

    private static final class NoAgents implements AgentReader {
        @Override
        public List<AgentSummary> agents() {
            return List.of();
        }

        @Override
        public @Nullable AgentSummary agent(String id) {
            return null;
        }

        @Override
        public @Nullable GapReport gaps(String id) {
            return null;
        }
    }
}
