package io.tributary.http;

import io.prometheus.metrics.expositionformats.ExpositionFormatWriter;
import io.prometheus.metrics.expositionformats.ExpositionFormats;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;

/** The present metrics in Prometheus' text format, or OpenMetrics when the scraper asks for it. */
public final class MetricsHandler implements HttpHandler {
    private final ExpositionFormats formats = ExpositionFormats.init();
    private final PrometheusRegistry registry;

    public MetricsHandler(PrometheusRegistry registry) {
        this.registry = registry;
    }

    @Override
    public void handle(Request request, Response response) throws IOException {
        request.expectParameters();
        String accept = request.header("Accept");
        ExpositionFormatWriter text = formats.getPrometheusTextFormatWriter();
        ExpositionFormatWriter open = formats.getOpenMetricsTextFormatWriter();
        ExpositionFormatWriter writer = accept != null && open.accepts(accept) ? open : text;
        try (OutputStream body = response.stream(writer.getContentType())) {
            writer.write(body, registry.scrape());
        }
    }
}
