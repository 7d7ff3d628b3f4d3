package io.tributary.collector.http;

import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.commands.CommandException;
import io.tributary.collector.commands.ConfigEntry;
import io.tributary.collector.commands.ConfigReport;
import io.tributary.collector.commands.Downlink;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** {@code PUT} and {@code GET /api/v1/agents/{agent}/config}. */
final class AgentConfigHandler {
    private final Downlink downlink;
    private final AgentReader agents;
    private final Function<Request, String> caller;

    AgentConfigHandler(Downlink downlink, AgentReader agents, Function<Request, String> caller) {
        this.downlink = downlink;
        this.agents = agents;
        this.caller = caller;
    }

    void put(Request request, Response response) throws IOException {
        request.expectParameters();
        String agent = CommandsHandler.knownAgent(agents, request);
        ConfigEntry entry;
        try {
            String yaml = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(request.body()))
                    .toString();
            entry = downlink.desire(agent, yaml, caller.apply(request));
        } catch (CharacterCodingException e) {
            throw ProblemException.badRequest("the body is not UTF-8, expected YAML");
        } catch (CommandException e) {
            throw CommandsHandler.problem(e);
        }
        answer(entry, response.status(202));
    }

    void get(Request request, Response response) throws IOException {
        request.expectParameters();
        String agent = CommandsHandler.knownAgent(agents, request);
        ConfigEntry entry = downlink.config(agent);
        if (entry == null) {
            throw new ProblemException(
                    404,
                    "Not found",
                    "no config is desired for agent " + ProblemException.quoted(agent) + ": its own file holds");
        }
        answer(entry, response);
    }

    private static void answer(ConfigEntry entry, Response response) throws IOException {
        ConfigReport report = entry.report();
        boolean reported = report != null && report.version() == entry.version();
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject();
        json.name("agent").value(entry.agent());
        json.name("version").value(entry.version());
        json.name("state").value(!reported || report == null ? "pending" : report.applied() ? "applied" : "refused");
        json.name("by").value(entry.by());
        ApiJson.time(json, "desired", entry.desiredNs());
        json.name("yaml").value(entry.yaml());
        json.name("report");
        if (report == null) {
            json.nullValue();
        } else {
            json.beginObject();
            json.name("version").value(report.version());
            json.name("applied").value(report.applied());
            json.name("reasons").beginArray();
            for (String reason : report.reasons()) {
                json.value(reason);
            }
            json.endArray();
            json.name("applied_version").value(report.appliedVersion());
            ApiJson.time(json, "time", report.timeNs());
            ApiJson.timeOrNull(json, "agent_time", report.agentTimeNs());
            json.endObject();
        }
        json.endObject().newline().flush();
    }
}
