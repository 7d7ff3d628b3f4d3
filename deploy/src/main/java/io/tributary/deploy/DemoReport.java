package io.tributary.deploy;

import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** What the demonstration shows when everything has arrived: asked from the collector, as any client would. */
final class DemoReport {
    private static final String MACHINE = "machine_temperature_system_failure";

    private final Line line;

    DemoReport(Line line) {
        this.line = line;
    }

    String render() {
        return devices() + "\n" + account() + "\n" + chart() + "\n" + calls() + "\n";
    }

    private String devices() {
        JsonNode devices =
                line.collectorApi().json("/api/v1/devices?limit=1000").get("devices");
        TextTable table = new TextTable("device", "first reading", "last reading");
        int shown = 0;
        for (JsonNode device : devices) {
            if (shown++ < 8) {
                table.row(
                        device.get("device").asString(),
                        device.get("first_event_time").asString(),
                        device.get("last_event_time").asString());
            }
        }
        return devices.size() + " devices\n" + table.render("  ") + "  ...\n";
    }

    private String account() {
        JsonNode account =
                line.collectorApi().json("/api/v1/agents/demo-agent/gaps").get("account");
        Metrics agent = line.agentApi().metrics();
        TextTable table = new TextTable("where the readings are", "");
        table.row("accepted by the agent", account.get("accepted").asLong());
        for (String term : List.of("stored", "duplicate", "replaced", "queued", "missing")) {
            table.row("  " + term, account.get(term).asLong());
        }
        Metrics collector = line.collectorApi().metrics();
        TextTable lags = new TextTable("mean lag per hop", "ms");
        lags.row("device's frame to the agent's fsync", mean(agent, "tributary_agent_commit_seconds"));
        lags.row("agent sends to collector's acknowledgement", mean(agent, "tributary_agent_acknowledge_seconds"));
        for (String hop : List.of("edge-to-collector", "collector-to-stored")) {
            lags.row(hop, mean(collector, "tributary_collector_lag_seconds", "hop=\"" + hop + "\""));
        }
        return table.render("  ")
                + String.format(
                        "  bytes per reading on the wire: %.2f%n%n",
                        agent.sum("tributary_agent_sent_bytes_total")
                                / agent.sum("tributary_agent_sent_readings_total"))
                + lags.render("  ");
    }

    private static double mean(Metrics metrics, String histogram, String... labels) {
        return 1000 * metrics.sum(histogram + "_sum", labels) / Math.max(1, metrics.sum(histogram + "_count", labels));
    }

    private String chart() {
        JsonNode series =
                line.collectorApi().json(aggregatePath()).get("series").get(0);
        List<Double> values = new ArrayList<>();
        for (JsonNode window : series.get("windows")) {
            JsonNode value = window.get("avg");
            values.add(value == null || value.isNull() ? Double.NaN : value.asDouble());
        }
        return "  the machine that fails: temperature, daily mean, " + values.size() + " days\n"
                + TextChart.render(values, 6, "  ");
    }

    private static String aggregatePath() {
        return "/api/v1/aggregate?device=" + MACHINE
                + "&channel=value&from=2013-12-02T00:00:00Z&to=2014-02-20T00:00:00Z&every=1d&fn=avg&fill=null";
    }

    private String calls() {
        CollectorApi api = line.collectorApi();
        StringBuilder text = new StringBuilder("ask it yourself:\n");
        for (String path : List.of(
                "/api/v1/devices",
                "/api/v1/latest?device=" + MACHINE,
                "/api/v1/readings?device=" + MACHINE + "&from=2014-02-01T00:00:00Z&limit=5&format=csv",
                aggregatePath(),
                "/api/v1/agents/demo-agent/gaps",
                "/metrics")) {
            text.append("  curl ")
                    .append(line.curlOptions())
                    .append('\'')
                    .append(api.url(path))
                    .append("'\n");
        }
        return text.toString();
    }
}
