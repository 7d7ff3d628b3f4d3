package io.tributary.collector.http;

import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.commands.CommandAction;
import io.tributary.collector.commands.CommandEntry;
import io.tributary.collector.commands.CommandException;
import io.tributary.collector.commands.CommandResult;
import io.tributary.collector.commands.Downlink;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** {@code POST} and {@code GET /api/v1/agents/{agent}/commands}, {@code GET /api/v1/agents/{agent}/commands/{id}}. */
final class CommandsHandler {
    private static final int LIMIT = 100;
    private static final int LIMIT_MAX = 1_000;

    private final Downlink downlink;
    private final AgentReader agents;
    private final Function<Request, String> caller;

    CommandsHandler(Downlink downlink, AgentReader agents, Function<Request, String> caller) {
        this.downlink = downlink;
        this.agents = agents;
        this.caller = caller;
    }

    void submit(Request request, Response response) throws IOException {
        request.expectParameters();
        String agent = knownAgent(agents, request);
        CommandBody body = body(request);
        CommandEntry entry;
        try {
            entry = downlink.submit(agent, body.id(), action(body), body.expires(), caller.apply(request));
        } catch (CommandException e) {
            throw problem(e);
        } catch (IllegalArgumentException e) {
            throw ProblemException.badRequest(String.valueOf(e.getMessage()));
        }
        response.status(202).header("Location", request.path() + "/" + entry.id());
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        write(json, entry);
        json.newline().flush();
    }

    void list(Request request, Response response) throws IOException {
        request.expectParameters("limit");
        String agent = knownAgent(agents, request);
        int limit = limit(request.parameter("limit"));
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject().name("commands").beginArray();
        for (CommandEntry each : downlink.commands(agent, limit)) {
            json.breakLine();
            write(json, each);
        }
        json.endArray().endObject().newline().flush();
    }

    void one(Request request, Response response) throws IOException {
        request.expectParameters();
        String agent = request.pathParameter("agent");
        String id = request.pathParameter("id");
        CommandEntry entry = downlink.command(agent, id);
        if (entry == null) {
            throw new ProblemException(
                    404,
                    "Not found",
                    "agent " + ProblemException.quoted(agent) + " has no command " + ProblemException.quoted(id)
                            + "; GET /api/v1/agents/{agent}/commands lists them");
        }
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        write(json, entry);
        json.newline().flush();
    }

    static String knownAgent(AgentReader agents, Request request) {
        String agent = request.pathParameter("agent");
        if (agents.agent(agent) == null) {
            throw new ProblemException(
                    404,
                    "Not found",
                    "agent " + ProblemException.quoted(agent)
                            + " is unknown, expected one that has connected; GET /api/v1/agents lists them");
        }
        return agent;
    }

    static ProblemException problem(CommandException e) {
        String detail = String.valueOf(e.getMessage());
        return switch (e.kind()) {
            case INVALID -> ProblemException.badRequest(detail);
            case CONFLICT -> new ProblemException(409, "Conflict", detail);
            case FULL -> new ProblemException(429, "Too many commands", detail).withHeader("Retry-After", "30");
        };
    }

    private static int limit(@Nullable String text) {
        if (text == null) {
            return LIMIT;
        }
        try {
            int limit = Integer.parseInt(text);
            if (limit >= 1 && limit <= LIMIT_MAX) {
                return limit;
            }
        } catch (NumberFormatException e) {
            throw ProblemException.badParameter("limit", text, "expected 1 to " + LIMIT_MAX);
        }
        throw ProblemException.badParameter("limit", text, "expected 1 to " + LIMIT_MAX);
    }

    /** JSON is YAML but for tabs between its tokens, and the reader of configurations tells line and column. */
    private static CommandBody body(Request request) {
        try {
            return ConfigReader.parseLiteral(request.bodyText().replace('\t', ' '), "body", CommandBody.class);
        } catch (ConfigException e) {
            throw ProblemException.badRequest(String.valueOf(e.getMessage()));
        }
    }

    private static CommandAction action(CommandBody body) {
        String source = body.source() == null ? "" : body.source();
        return switch (body.kind()) {
            case DEVICE_PUBLISH -> {
                body.expectOnly("device", "topic", "payload", "base64", "source");
                yield new CommandAction.DevicePublish(
                        source, body.required("device"), body.required("topic"), payload(body));
            }
            case OPCUA_WRITE -> {
                body.expectOnly("node", "value", "source");
                yield new CommandAction.OpcUaWrite(source, body.required("node"), body.required("value"));
            }
            case AGENT -> {
                body.expectOnly("action");
                yield new CommandAction.AgentAction(body.required("action"));
            }
        };
    }

    private static byte[] payload(CommandBody body) {
        if (body.payload() != null && body.base64() != null) {
            throw new IllegalArgumentException("both payload and base64, expected one of the two");
        }
        return body.base64() != null
                ? Base64.getDecoder().decode(body.base64())
                : body.required("payload").getBytes(StandardCharsets.UTF_8);
    }

    private static void write(JsonWriter json, CommandEntry entry) throws IOException {
        json.beginObject();
        json.name("id").value(entry.id());
        json.name("agent").value(entry.agent());
        json.name("kind").value(entry.action().kind());
        CommandAction action = entry.action();
        if (action instanceof CommandAction.DevicePublish publish) {
            json.name("source").value(publish.source());
            json.name("device").value(publish.device());
            json.name("topic").value(publish.topic());
            json.name("base64").value(Base64.getEncoder().encodeToString(publish.payload()));
        } else if (action instanceof CommandAction.OpcUaWrite write) {
            json.name("source").value(write.source());
            json.name("node").value(write.node());
            json.name("value").value(write.value());
        } else if (action instanceof CommandAction.AgentAction own) {
            json.name("action").value(own.name());
        }
        json.name("by").value(entry.by());
        json.name("state").value(entry.state());
        CommandResult result = entry.result();
        json.name("detail").value(result == null ? null : result.detail());
        ApiJson.time(json, "created", entry.createdNs());
        ApiJson.time(json, "expires", entry.expiresNs());
        ApiJson.timeOrNull(json, "sent", entry.sentNs());
        ApiJson.timeOrNull(json, "ended", result == null ? 0 : result.timeNs());
        ApiJson.timeOrNull(json, "ended_agent_time", result == null ? 0 : result.agentTimeNs());
        json.endObject();
    }
}
