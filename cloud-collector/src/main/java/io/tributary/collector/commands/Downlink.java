package io.tributary.collector.commands;

import com.google.protobuf.InvalidProtocolBufferException;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.storage.StateStore;
import io.tributary.model.Names;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commands and desired configurations on their way to agents.
 *
 * <pre>
 * submit --fsync--> pending --a session is open--> sent --result--> done, failed, refused, unsupported, expired, unknown
 *                      \--expired--> expired         \--again in every session, and every 30 s--/
 *                                                     \--nothing said half an hour after it expired--> unknown
 * </pre>
 *
 * <p>Sent at least once, carried out at most once: the agent knows IDs. A result once recorded does not change.
 *
 * <p>Any thread; a lock is held over writes to the store, which are few.
 */
public final class Downlink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Downlink.class);
    private static final long SEND_AGAIN_NS = TimeUnit.SECONDS.toNanos(30);
    /** The agent remembers for an hour. */
    private static final long ASKED_AFTER_EXPIRY_NS = TimeUnit.MINUTES.toNanos(30);

    private static final Set<String> OUTCOMES =
            Set.of("done", "failed", "refused", "unsupported", "expired", "unknown");
    private static final int ID_CHARS_MAX = 100;
    private static final int DETAIL_CHARS_MAX = 4_000;
    private static final int REASONS_MAX = 100;

    private final CommandOptions options;
    private final StateStore configStore;
    private final AuditTrail audit;
    private final InstantSource clock;
    private final Counter ended;

    // Guarded by this.
    private final CommandBook book;
    private final Map<String, ConfigEntry> configs = new HashMap<>();
    private final Map<String, AgentPort> ports = new HashMap<>();
    private long sendAgainNs;
    private @Nullable ScheduledExecutorService timer;

    /**
     * @param commands where commands are kept
     * @param configStore where desired configurations are kept
     */
    public Downlink(
            CommandOptions options,
            StateStore commands,
            StateStore configStore,
            AuditTrail audit,
            InstantSource clock,
            PrometheusRegistry registry) {
        this.options = options;
        this.book = new CommandBook(commands, options);
        this.configStore = configStore;
        this.audit = audit;
        this.clock = clock;
        this.ended = Counter.builder()
                .name("tributary_collector_commands_total")
                .help("Commands that ended, by outcome.")
                .labelNames("outcome")
                .register(registry);
        GaugeWithCallback.builder()
                .name("tributary_collector_commands_pending")
                .help("Commands without a result.")
                .callback(gauge -> gauge.call(pending()))
                .register(registry);
    }

    private synchronized int pending() {
        return book.open().size();
    }

    public CommandOptions options() {
        return options;
    }

    /** Loads what was kept, and begins to look after it. */
    public synchronized void start() {
        book.load();
        configStore.forEach((agent, state) -> {
            try {
                configs.put(agent, CommandStateCodec.decodeConfig(agent, state));
            } catch (InvalidProtocolBufferException e) {
                LOG.warn("the desired config of agent {} cannot be read: {}", agent, e.getMessage());
            }
        });
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread named = new Thread(task, "downlink");
            named.setDaemon(true);
            return named;
        });
        thread.scheduleWithFixedDelay(this::tick, 1, 1, TimeUnit.SECONDS);
        timer = thread;
    }

    private long nowNs() {
        var now = clock.instant();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    // ---- asked for, over the API ----

    /**
     * Takes a command; durable on return. The same ID with the same action again answers with what it is.
     *
     * @param id null: made here
     * @param expires from this moment
     * @throws IOException it cannot be written down
     */
    public synchronized CommandEntry submit(
            String agent, @Nullable String id, CommandAction action, Duration expires, String by)
            throws CommandException, IOException {
        String name = id == null ? UUID.randomUUID().toString() : id;
        check(name, action, expires);
        CommandEntry known = book.get(agent, name);
        if (known != null && known.isSameRequest(action)) {
            return known;
        } else if (known != null) {
            throw new CommandException(
                    CommandException.Kind.CONFLICT,
                    "id \"" + name + "\" is that of another command for this agent, expected one of its own");
        }
        long now = nowNs();
        CommandEntry entry = new CommandEntry(agent, name, action, by, now, now + expires.toNanos(), 0, null);
        audit.append(by, "command-submitted", Map.of("agent", agent, "command", name, "kind", action.kind()));
        book.add(entry);
        send(entry);
        return known(agent, name);
    }

    private CommandEntry known(String agent, String id) {
        CommandEntry entry = book.get(agent, id);
        if (entry == null) {
            throw new IllegalStateException("BUG: command " + id + " is gone");
        }
        return entry;
    }

    private void check(String id, CommandAction action, Duration expires) throws CommandException {
        try {
            Names.check("id", id);
        } catch (IllegalArgumentException e) {
            throw new CommandException(CommandException.Kind.INVALID, String.valueOf(e.getMessage()));
        }
        if (id.length() > ID_CHARS_MAX || id.indexOf('/') >= 0) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "id \"" + id + "\", expected at most 100 characters without a slash");
        }
        if (action.bytes() > options.payloadBytesMax().bytes() + 2_048) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "the command has " + action.bytes() + " bytes, expected a payload of at most "
                            + options.payloadBytesMax());
        }
        if (expires.isNegative() || expires.isZero() || expires.compareTo(options.expiryMax()) > 0) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "expires is " + expires.toMillis() / 1000.0 + " s, expected more than 0 and at most "
                            + options.expiryMax().toSeconds() + " s");
        }
    }

    public synchronized @Nullable CommandEntry command(String agent, String id) {
        return book.get(agent, id);
    }

    /** The latest first. */
    public synchronized List<CommandEntry> commands(String agent, int limit) {
        List<CommandEntry> all = new ArrayList<>(book.all(agent));
        Collections.reverse(all);
        return List.copyOf(all.subList(0, Math.min(limit, all.size())));
    }

    /**
     * Desires a configuration; durable on return.
     *
     * @param yaml empty: the agent's own file shall hold
     */
    public synchronized ConfigEntry desire(String agent, String yaml, String by) throws CommandException, IOException {
        int bytes = yaml.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > options.configBytesMax().bytes()) {
            throw new CommandException(
                    CommandException.Kind.INVALID,
                    "the configuration has " + bytes + " bytes, expected at most " + options.configBytesMax());
        }
        ConfigEntry before = configs.get(agent);
        long version = before == null ? 1 : before.version() + 1;
        ConfigEntry entry = new ConfigEntry(agent, version, yaml, by, nowNs(), before == null ? null : before.report());
        audit.append(by, "config-desired", Map.of("agent", agent, "version", Long.toString(version)));
        configStore.putSynced(agent, CommandStateCodec.encode(entry));
        configs.put(agent, entry);
        AgentPort port = ports.get(agent);
        if (port != null) {
            port.desiredConfig(entry);
        }
        return entry;
    }

    public synchronized @Nullable ConfigEntry config(String agent) {
        return configs.get(agent);
    }

    // ---- sessions ----

    /** A session of the agent is open, and takes the place of any other. */
    public synchronized void connected(String agent, AgentPort port) {
        ports.put(agent, port);
        sendAll(agent, port);
    }

    private void sendAll(String agent, AgentPort port) {
        ConfigEntry config = configs.get(agent);
        if (config != null && !config.isReported()) {
            port.desiredConfig(config);
        }
        for (CommandEntry each : book.open(agent)) {
            send(each);
        }
    }

    private void send(CommandEntry entry) {
        AgentPort port = ports.get(entry.agent());
        if (port == null) {
            return;
        }
        if (entry.sentNs() == 0) {
            long now = nowNs();
            if (now >= entry.expiresNs()) {
                return; // the next tick says so
            }
            book.put(entry.sent(now));
        }
        port.command(entry);
    }

    public synchronized void disconnected(String agent, AgentPort port) {
        ports.remove(agent, port);
    }

    /** What an agent says of a command; counts once. */
    public synchronized void result(String agent, String id, String outcome, String detail, long agentTimeNs) {
        CommandEntry entry = book.get(agent, id);
        if (entry == null || entry.result() != null) {
            LOG.debug("agent {} tells of command {} again, or of one that is not known", agent, id);
            return;
        }
        boolean known = OUTCOMES.contains(outcome);
        end(
                entry,
                new CommandResult(
                        known ? outcome : "unknown",
                        cut(known ? detail : outcome + ": " + detail, DETAIL_CHARS_MAX),
                        agentTimeNs,
                        nowNs()));
    }

    private void end(CommandEntry entry, CommandResult result) {
        book.put(entry.ended(result));
        ended.labelValues(result.outcome()).inc();
        tell("agent " + entry.agent(), "command-ended", Map.of("command", entry.id(), "result", result.outcome()));
    }

    public synchronized void report(String agent, ConfigReport report) {
        ConfigEntry entry = configs.get(agent);
        if (entry == null || report.version() != entry.version() || entry.isReported()) {
            LOG.debug("agent {} reports on config {}, which is not the one desired", agent, report.version());
            return;
        }
        List<String> reasons = report.reasons().stream()
                .limit(REASONS_MAX)
                .map(each -> cut(each, DETAIL_CHARS_MAX))
                .toList();
        ConfigReport told = new ConfigReport(
                report.version(),
                report.applied(),
                reasons,
                report.appliedVersion(),
                report.agentTimeNs(),
                report.timeNs());
        ConfigEntry next = new ConfigEntry(agent, entry.version(), entry.yaml(), entry.by(), entry.desiredNs(), told);
        configStore.put(agent, CommandStateCodec.encode(next));
        configs.put(agent, next);
        tell(
                "agent " + agent,
                report.applied() ? "config-applied" : "config-refused",
                Map.of("version", Long.toString(report.version())));
    }

    /** Of what has happened already. */
    private void tell(String who, String action, Map<String, String> details) {
        try {
            audit.append(who, action, details);
        } catch (IOException e) {
            LOG.error("the audit log cannot be written: {} by {}: {}", action, who, e.toString());
        }
    }

    private static String cut(String text, int charsMax) {
        return text.length() <= charsMax ? text : text.substring(0, charsMax) + "…";
    }

    // ---- the timer ----

    /** Ends what nobody will answer any more, and asks again for the rest. Once a second. */
    void tick() {
        try {
            synchronized (this) {
                long now = nowNs();
                for (CommandEntry each : book.open()) {
                    if (now < each.expiresNs()) {
                        continue;
                    }
                    if (each.sentNs() == 0) {
                        end(each, new CommandResult("expired", "the agent was not there until it expired", 0, now));
                    } else if (now >= each.expiresNs() + ASKED_AFTER_EXPIRY_NS) {
                        end(each, new CommandResult("unknown", "it was sent, and the agent has not answered", 0, now));
                    }
                }
                if (now - sendAgainNs >= SEND_AGAIN_NS || now < sendAgainNs) {
                    sendAgainNs = now;
                    ports.forEach(this::sendAll);
                }
            }
        } catch (RuntimeException e) {
            LOG.warn("commands are looked after again in a second: {}", e.toString());
        }
    }

    @Override
    public void close() {
        ScheduledExecutorService thread;
        synchronized (this) {
            thread = timer;
            timer = null;
        }
        if (thread != null) {
            thread.shutdownNow();
        }
    }
}
