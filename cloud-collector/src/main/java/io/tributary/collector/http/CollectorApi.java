package io.tributary.collector.http;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.storage.DeadLetterReader;
import io.tributary.http.HealthHandler;
import io.tributary.http.HttpHandler;
import io.tributary.http.MetricsHandler;
import io.tributary.http.ProblemException;
import io.tributary.http.Router;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The collector's calls, put together from what answers them. */
public final class CollectorApi {
    private static final String OVERVIEW = """
            Tributary cloud collector

            GET /api/v1/devices?match=GLOB&tag=NAME:VALUE&limit=&after=
            GET /api/v1/devices/{device}
            GET /api/v1/readings?device=GLOB&channel=A,B&from=&to=&axis=event|edge|collector&order=asc|desc&limit=&next=
                                 &where=value>20&quality=good
            GET /api/v1/aggregate?device=GLOB&channel=&from=&to=&every=1m&fn=avg,min,max,sum,count,first,last,stddev,rate,delta,twa,p95
                                 &group=device|tag:NAME|none&fill=none|null|previous|linear&tz=Europe/Berlin
                                 &where=value>20&quality=good&order=asc|desc&limit=&next=&hold=15m&explain=true
            GET /api/v1/latest?device=GLOB&channel=&limit=&next=
            DELETE /api/v1/readings?device=ID&channel=&from=&to=&patterns=
            GET /api/v1/erasures?limit=&after=  /api/v1/erasures/{id}
            GET /api/v1/stream?device=GLOB&channel=A,B&from=now|oldest|TIME&bookmark=&commit=auto|explicit
            GET /api/v1/bookmarks  GET, PUT, DELETE /api/v1/bookmarks/{name}
            GET /api/v1/agents
            GET /api/v1/agents/{agent}
            GET /api/v1/agents/{agent}/gaps
            GET /api/v1/agents/{agent}/clock
            GET /api/v1/agents/{agent}/commands?limit=    POST to have one carried out
            GET /api/v1/agents/{agent}/commands/{id}
            GET /api/v1/agents/{agent}/config             PUT to desire one
            GET /api/v1/deadletters?cause=&limit=&after=
            GET /api/v1/deadletters/{id}/payload
            GET /metrics  /healthz  /readyz  /readyz-details

            Times: 2026-01-31T12:00:00Z, 2026-01-31, milliseconds since 1970, now, -1h.
            Readings, aggregate and latest answer with format=json, csv or ndjson.
            """;

    private final QueryEngine engine;
    private final DevicesHandler devices;
    private final AgentsHandler agents;
    private final DeadLettersHandler letters;
    private final InstantSource clock;
    private final Supplier<@Nullable String> notReady;
    private final PrometheusRegistry registry;

    /**
     * @param clock what {@code now} and {@code -1h} mean
     * @param notReady why the collector is not ready, null when it is; must not block
     * @param registry what {@code /metrics} shows
     */
    public CollectorApi(
            QueryEngine engine,
            CatalogReader catalog,
            AgentReader agents,
            DeadLetterReader letters,
            InstantSource clock,
            Supplier<@Nullable String> notReady,
            PrometheusRegistry registry) {
        this.engine = engine;
        this.devices = new DevicesHandler(catalog);
        this.agents = new AgentsHandler(agents);
        this.letters = new DeadLettersHandler(letters);
        this.clock = clock;
        this.notReady = notReady;
        this.registry = registry;
    }

    /** What is not of one device cannot be shown to a token that is limited to some. */
    static HttpHandler unscoped(HttpHandler handler) {
        return (request, response) -> {
            if (request.caller().isScoped()) {
                throw new ProblemException(
                        403,
                        "Forbidden",
                        request.caller().name() + " is limited to some devices, expected a token for all of them here");
            }
            handler.handle(request, response);
        };
    }

    /** Adds every call to a router. */
    public Router addTo(Router router) {
        return router.get("/", (request, response) -> response.send("text/plain; charset=utf-8", OVERVIEW))
                .get("/api/v1/devices", devices::list)
                .get("/api/v1/devices/{device}", devices::one)
                .get("/api/v1/readings", new ReadingsHandler(engine, clock))
                .get("/api/v1/aggregate", new AggregateHandler(engine, clock))
                .get("/api/v1/latest", new LatestHandler(engine, clock))
                .get("/api/v1/agents", unscoped(agents::list))
                .get("/api/v1/agents/{agent}", unscoped(agents::one))
                .get("/api/v1/agents/{agent}/gaps", unscoped(agents::gaps))
                .get("/api/v1/agents/{agent}/clock", unscoped(agents::clock))
                .get("/api/v1/deadletters", unscoped(letters::list))
                .get("/api/v1/deadletters/{id}/payload", unscoped(letters::payload))
                .probe("/metrics", new MetricsHandler(registry))
                .openProbe("/healthz", HealthHandler.live())
                .openProbe("/readyz", HealthHandler.ready(notReady));
    }
}
