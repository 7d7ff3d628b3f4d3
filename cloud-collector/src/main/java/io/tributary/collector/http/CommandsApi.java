package io.tributary.collector.http;

import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.commands.Downlink;
import io.tributary.http.Access;
import io.tributary.http.Request;
import io.tributary.http.Router;
import java.util.function.Function;

/**
 * The calls that change what agents do. All of them are for administrators, reading too: commands and configurations may
 * hold what others shall not see.
 */
public final class CommandsApi {
    private final CommandsHandler commands;
    private final AgentConfigHandler configs;

    /** @param caller who asks, for the record */
    public CommandsApi(Downlink downlink, AgentReader agents, Function<Request, String> caller) {
        this.commands = new CommandsHandler(downlink, agents, caller);
        this.configs = new AgentConfigHandler(downlink, agents, caller);
    }

    /** Adds every call to a router. */
    public Router addTo(Router router) {
        return router.route(
                        "POST",
                        "/api/v1/agents/{agent}/commands",
                        Access.ADMIN,
                        CollectorApi.unscoped(commands::submit))
                .route("GET", "/api/v1/agents/{agent}/commands", Access.ADMIN, CollectorApi.unscoped(commands::list))
                .route(
                        "GET",
                        "/api/v1/agents/{agent}/commands/{id}",
                        Access.ADMIN,
                        CollectorApi.unscoped(commands::one))
                .route("PUT", "/api/v1/agents/{agent}/config", Access.ADMIN, CollectorApi.unscoped(configs::put))
                .route("GET", "/api/v1/agents/{agent}/config", Access.ADMIN, CollectorApi.unscoped(configs::get));
    }
}
