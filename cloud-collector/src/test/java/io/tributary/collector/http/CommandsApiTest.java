package io.tributary.collector.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class CommandsApiTest {
    private static final String AGENT = "/api/v1/agents/edge-1";
    private final ApiFixture api = new ApiFixture();

    @AfterEach
    void close() {
        api.close();
    }

    @Test
    void command_isTaken_andSaysHowFarItIs() {
        HttpResponse<String> taken = api.send("POST", AGENT + "/commands", """
                {"id": "c-1", "kind": "device-publish", "device": "press-3", "topic": "valve",
                \t"payload": "a ${env:HOME} b", "expires": "90s"}""");

        assertThat(taken.statusCode()).isEqualTo(202);
        assertThat(taken.headers().firstValue("Location")).contains(AGENT + "/commands/c-1");
        assertThat(taken.body())
                .isEqualTo("{\"id\":\"c-1\",\"agent\":\"edge-1\",\"kind\":\"device-publish\",\"source\":\"\","
                        + "\"device\":\"press-3\",\"topic\":\"valve\",\"base64\":\"YSAke2VudjpIT01FfSBi\","
                        + "\"by\":\"tester\",\"state\":\"pending\",\"detail\":null,"
                        + "\"created\":\"2026-01-01T00:00:00Z\",\"expires\":\"2026-01-01T00:01:30Z\","
                        + "\"sent\":null,\"ended\":null,\"ended_agent_time\":null}\n");
        assertThat(api.get(AGENT + "/commands/c-1").body()).isEqualTo(taken.body());
        assertThat(api.get(AGENT + "/commands").body()).contains(taken.body().strip());
        api.downlink.result("edge-1", "c-1", "done", "acknowledged", 0);
        assertThat(api.get(AGENT + "/commands/c-1").body()).contains("\"state\":\"done\",\"detail\":\"acknowledged\"");
    }

    @Test
    void otherKinds_areTaken() {
        assertThat(api.send("POST", AGENT + "/commands", "{kind: opcua-write, node: 'ns=2;s=x', value: 21.5}")
                        .body())
                .contains("\"node\":\"ns=2;s=x\",\"value\":\"21.5\"");
        assertThat(api.send("POST", AGENT + "/commands", "{kind: agent, action: diagnostics}")
                        .body())
                .contains("\"action\":\"diagnostics\"");
        assertThat(api.send("POST", AGENT + "/commands", "{kind: device-publish, device: d, topic: t, base64: AAH/}")
                        .body())
                .contains("\"base64\":\"AAH/\"");
    }

    @Test
    void badCommands_areRefusedWithThePlace() {
        refused("{kind: explode}", "body:1:8: kind: ");
        refused("{kind: agent}", "action is missing, expected a text with kind agent");
        refused("{kind: agent, action: reload, node: x}", "node is given with kind agent, expected action");
        refused("{kind: agent, action: explode}", "expected reload or diagnostics");
        refused("{kind: agent, action: reload, expires: 8d}", "at most 604800 s");
        refused("{kind: device-publish, device: a/b, topic: t, payload: x}", "has a slash");
        refused("{kind: device-publish, device: a, topic: t, payload: x, base64: y}", "both payload and base64");
        refused("[", "not YAML");
        assertThat(api.send("POST", "/api/v1/agents/nobody/commands", "{kind: agent, action: reload}")
                        .statusCode())
                .isEqualTo(404);
        assertThat(api.get(AGENT + "/commands/none").statusCode()).isEqualTo(404);
        assertThat(api.get(AGENT + "/commands?limit=0").statusCode()).isEqualTo(400);
    }

    private void refused(String body, String reason) {
        HttpResponse<String> answer = api.send("POST", AGENT + "/commands", body);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains(reason);
    }

    @Test
    void sameId_isTheSameCommand_orAConflict() {
        String body = "{id: c, kind: agent, action: reload}";
        String first = api.send("POST", AGENT + "/commands", body).body();

        assertThat(api.send("POST", AGENT + "/commands", body).body()).isEqualTo(first);
        assertThat(api.send("POST", AGENT + "/commands", "{id: c, kind: agent, action: diagnostics}")
                        .statusCode())
                .isEqualTo(409);
        for (int i = 0; i < 9; i++) {
            assertThat(api.send("POST", AGENT + "/commands", "{kind: agent, action: reload}")
                            .statusCode())
                    .isEqualTo(202);
        }
        HttpResponse<String> full = api.send("POST", AGENT + "/commands", "{kind: agent, action: reload}");
        assertThat(full.statusCode()).isEqualTo(429);
        assertThat(full.headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void config_isDesired_andItsReportShown() {
        assertThat(api.get(AGENT + "/config").statusCode()).isEqualTo(404);
        HttpResponse<String> put = api.send("PUT", AGENT + "/config", "sources: []\n");

        assertThat(put.statusCode()).isEqualTo(202);
        assertThat(put.body())
                .isEqualTo("{\"agent\":\"edge-1\",\"version\":1,\"state\":\"pending\",\"by\":\"tester\","
                        + "\"desired\":\"2026-01-01T00:00:00Z\",\"yaml\":\"sources: []\\n\",\"report\":null}\n");
        api.downlink.report(
                "edge-1",
                new io.tributary.collector.commands.ConfigReport(1, false, java.util.List.of("1:1: why"), 0, 0, 1));
        assertThat(api.get(AGENT + "/config").body())
                .contains("\"state\":\"refused\"", "\"reasons\":[\"1:1: why\"],\"applied_version\":0");
        assertThat(api.send("PUT", AGENT + "/config", "x".repeat(300_000)).statusCode())
                .isEqualTo(400);
    }
}
