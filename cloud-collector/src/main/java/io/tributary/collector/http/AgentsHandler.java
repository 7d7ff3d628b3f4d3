package io.tributary.collector.http;

import io.tributary.collector.agents.Account;
import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.agents.AgentStatus;
import io.tributary.collector.agents.AgentSummary;
import io.tributary.collector.agents.ClockShift;
import io.tributary.collector.agents.DrainEstimate;
import io.tributary.collector.agents.EpochGaps;
import io.tributary.collector.agents.EpochSummary;
import io.tributary.collector.agents.GapReport;
import io.tributary.http.JsonWriter;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.http.Response;
import io.tributary.model.SequenceRange;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code GET /api/v1/agents}, {@code /api/v1/agents/{agent}} and {@code /api/v1/agents/{agent}/gaps}. */
final class AgentsHandler {
    private final AgentReader agents;

    AgentsHandler(AgentReader agents) {
        this.agents = agents;
    }

    void list(Request request, Response response) throws IOException {
        request.expectParameters();
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject().name("agents").beginArray();
        for (AgentSummary agent : agents.agents()) {
            json.breakLine();
            agent(json, agent);
        }
        json.endArray().endObject().newline().flush();
    }

    void one(Request request, Response response) throws IOException {
        request.expectParameters();
        String id = request.pathParameter("agent");
        AgentSummary agent = known(id, agents.agent(id));
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        agent(json, agent);
        json.newline().flush();
    }

    void gaps(Request request, Response response) throws IOException {
        request.expectParameters();
        String id = request.pathParameter("agent");
        GapReport report = known(id, agents.gaps(id));
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject();
        json.name("agent").value(report.agent());
        json.name("agent_queued_readings");
        if (report.agentQueuedReadings() < 0) {
            json.nullValue();
        } else {
            json.value(report.agentQueuedReadings());
        }
        account(json, report.account());
        json.name("epochs").beginArray();
        for (EpochGaps epoch : report.epochs()) {
            json.breakLine();
            epoch(json, epoch);
        }
        json.endArray().endObject().newline().flush();
    }

    void clock(Request request, Response response) throws IOException {
        request.expectParameters();
        String id = request.pathParameter("agent");
        AgentSummary agent = known(id, agents.agent(id));
        JsonWriter json = new JsonWriter(response.stream(Format.JSON.contentType()));
        json.beginObject();
        json.name("agent").value(agent.id());
        AgentStatus status = agent.status();
        json.name("synchronized").value(status != null && status.clockSynchronized());
        ApiJson.seconds(json, "offset_seconds", status == null ? 0 : status.clockOffsetNs());
        ApiJson.seconds(json, "error_seconds", status == null ? 0 : status.clockErrorNs());
        json.name("corrections").beginArray();
        for (ClockShift shift : agent.clockShifts()) {
            json.breakLine();
            json.beginObject();
            json.name("epoch").value(shift.epoch());
            json.name("first_sequence").value(shift.range().first());
            json.name("readings").value(shift.range().count());
            json.name("shift_ns").value(shift.shiftNs());
            json.name("error_ns").value(shift.errorNs());
            ApiJson.timeOrNull(json, "arrived", shift.collectorTimeNs());
            json.endObject();
        }
        json.endArray().endObject().newline().flush();
    }

    private static <T> T known(String id, @Nullable T found) {
        if (found == null) {
            throw new ProblemException(
                    404,
                    "Not found",
                    "agent " + ProblemException.quoted(id)
                            + " is unknown, expected one that has connected; GET /api/v1/agents lists them");
        }
        return found;
    }

    private static void agent(JsonWriter json, AgentSummary agent) throws IOException {
        json.beginObject();
        json.name("agent").value(agent.id());
        json.name("connected").value(agent.connected());
        json.name("address").value(agent.address());
        json.name("version").value(agent.version());
        json.name("capabilities").beginArray();
        for (String capability : agent.capabilities()) {
            json.value(capability);
        }
        json.endArray();
        json.name("epoch").value(agent.epoch());
        ApiJson.timeOrNull(json, "first_seen", agent.firstSeenTimeNs());
        ApiJson.timeOrNull(json, "last_seen", agent.lastSeenTimeNs());
        ApiJson.timeOrNull(json, "connected_since", agent.connectedTimeNs());
        status(json, agent.status());
        drain(json, agent.drain());
        account(json, agent.account());
        json.name("epochs").beginArray();
        for (EpochSummary epoch : agent.epochs()) {
            json.beginObject();
            json.name("epoch").value(epoch.epoch());
            json.name("next_sequence").value(epoch.nextSequence());
            ApiJson.timeOrNull(json, "first_seen", epoch.firstSeenTimeNs());
            ApiJson.timeOrNull(json, "last_seen", epoch.lastSeenTimeNs());
            json.name("version").value(epoch.version());
            json.endObject();
        }
        json.endArray().endObject();
    }

    private static void status(JsonWriter json, @Nullable AgentStatus status) throws IOException {
        json.name("status");
        if (status == null) {
            json.nullValue();
            return;
        }
        json.beginObject();
        ApiJson.timeOrNull(json, "received_time", status.receivedTimeNs());
        json.name("next_sequence").value(status.nextSequence());
        json.name("queued_readings").value(status.queuedReadings());
        json.name("queued_bytes").value(status.queuedBytes());
        ApiJson.timeOrNull(json, "oldest_event_time", status.oldestEventTimeNs());
        ApiJson.timeOrNull(json, "oldest_edge_time", status.oldestEdgeTimeNs());
        ApiJson.seconds(json, "oldest_age_seconds", status.oldestAgeNs());
        json.name("clock_synchronized").value(status.clockSynchronized());
        ApiJson.seconds(json, "clock_offset_seconds", status.clockOffsetNs());
        ApiJson.seconds(json, "clock_error_seconds", status.clockErrorNs());
        json.name("flash_bytes_written").value(status.flashBytesWritten());
        ApiJson.counts(json, "refused", status.refused());
        AgentStatus.Upload upload = status.upload();
        if (upload != null) {
            json.name("upload").beginObject();
            json.name("paused").value(upload.paused());
            json.name("day_bytes").value(upload.dayBytes());
            json.name("day_budget_bytes").value(upload.dayBudgetBytes());
            json.endObject();
        }
        json.endObject();
    }

    private static void drain(JsonWriter json, @Nullable DrainEstimate drain) throws IOException {
        json.name("drain");
        if (drain == null) {
            json.nullValue();
            return;
        }
        json.beginObject();
        json.name("readings_per_second").value(drain.readingsPerSecond());
        json.name("seconds");
        if (Double.isFinite(drain.seconds())) {
            json.value(drain.seconds());
        } else {
            json.nullValue();
        }
        json.endObject();
    }

    private static void account(JsonWriter json, Account account) throws IOException {
        json.name("account").beginObject();
        json.name("accepted").value(account.accepted());
        json.name("received").value(account.received());
        json.name("stored").value(account.stored());
        json.name("duplicate").value(account.duplicate());
        json.name("replaced").value(account.replaced());
        json.name("expired").value(account.expired());
        json.name("erased").value(account.erased());
        json.name("queued").value(account.queued());
        json.name("missing").value(account.missing());
        ApiJson.counts(json, "rejected", account.rejected());
        ApiJson.counts(json, "evicted", account.evicted());
        json.name("redelivered").value(account.redelivered());
        json.name("adds_up").value(account.addsUp());
        json.endObject();
    }

    private static void epoch(JsonWriter json, EpochGaps epoch) throws IOException {
        json.beginObject();
        json.name("epoch").value(epoch.epoch());
        json.name("current").value(epoch.current());
        json.name("next_sequence").value(epoch.nextSequence());
        json.name("oldest_sequence").value(epoch.oldestSequence());
        ranges(json, "received", epoch.received());
        json.name("evicted").beginArray();
        for (EpochGaps.EvictedRange evicted : epoch.evicted()) {
            json.beginObject();
            range(json, evicted.range());
            json.name("cause").value(evicted.cause());
            json.endObject();
        }
        json.endArray();
        ranges(json, "queued", epoch.queued());
        ranges(json, "missing", epoch.missing());
        account(json, epoch.account());
        json.endObject();
    }

    private static void ranges(JsonWriter json, String name, List<SequenceRange> ranges) throws IOException {
        json.name(name).beginArray();
        for (SequenceRange range : ranges) {
            json.beginObject();
            range(json, range);
            json.endObject();
        }
        json.endArray();
    }

    private static void range(JsonWriter json, SequenceRange range) throws IOException {
        json.name("first").value(range.first());
        json.name("count").value(range.count());
    }
}
