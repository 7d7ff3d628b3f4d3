package io.tributary.collector.agents;

import com.google.protobuf.InvalidProtocolBufferException;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.account.AccountReader;
import io.tributary.collector.account.OriginAccount;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.storage.StateStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every agent the collector has met. Sessions write through {@link AgentLink}, the query endpoints read.
 *
 * <p>What an agent tells is saved within a second and need not be synced: it tells again when it comes back, and what
 * must never be lost, the received and evicted ranges, is storage's and is written with the readings themselves.
 */
public final class AgentDirectory implements AgentReader, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AgentDirectory.class);
    private static final long SAVE_INTERVAL_MILLIS = 1_000;

    private final StateStore store;
    private final AccountReader accounts;
    private final Map<String, AgentRecord> records = new ConcurrentHashMap<>();
    private final Set<String> unsaved = ConcurrentHashMap.newKeySet();
    private @Nullable ScheduledExecutorService saver;

    public AgentDirectory(StateStore store, AccountReader accounts, PrometheusRegistry metrics) {
        this.store = store;
        this.accounts = accounts;
        GaugeWithCallback.builder()
                .name("tributary_collector_agents")
                .help("Agents ever met, by whether they are connected.")
                .labelNames("connected")
                .callback(gauge -> {
                    long connected = records.values().stream()
                            .filter(AgentRecord::isConnected)
                            .count();
                    gauge.call(connected, "true");
                    gauge.call(records.size() - connected, "false");
                })
                .register(metrics);
        GaugeWithCallback.builder()
                .name("tributary_collector_account_readings")
                .help(
                        "Where the readings are that agents accepted: accepted = stored + duplicate + replaced + expired + erased"
                                + " + queued + rejected + evicted, over all agents.")
                .labelNames("term", "cause")
                .callback(AgentDirectory.this::report)
                .register(metrics);
    }

    /** Loads what was saved and begins to save. */
    public void start() {
        store.forEach((agent, state) -> {
            try {
                records.put(agent, new AgentRecord(agent, AgentStateCodec.decode(state)));
            } catch (InvalidProtocolBufferException e) {
                LOG.warn(
                        "saved state of agent {} cannot be read and is left out until it connects: {}",
                        agent,
                        e.getMessage());
            }
        });
        for (Origin origin : accounts.origins()) {
            records.computeIfAbsent(origin.agent(), AgentRecord::new);
        }
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread named = new Thread(task, "agent-directory");
            named.setDaemon(true);
            return named;
        });
        thread.scheduleWithFixedDelay(this::save, SAVE_INTERVAL_MILLIS, SAVE_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
        saver = thread;
    }

    // ---- write side ----

    /** A session of {@code hello.agent()} is open until its link is closed or another one opens. */
    public AgentLink connect(AgentHello hello, long nowNs) {
        AgentRecord record = records.computeIfAbsent(hello.agent(), AgentRecord::new);
        AgentLink link = record.connected(hello, this, nowNs);
        changed(hello.agent());
        return link;
    }

    /** Below this every sequence of the epoch exists, or existed, as far as the agent has told; 0 for an unknown one. */
    public long told(String agent, long epoch) {
        AgentRecord record = records.get(agent);
        return record == null ? 0 : record.told(epoch);
    }

    void changed(String agent) {
        unsaved.add(agent);
    }

    private synchronized void save() {
        Iterator<String> agents = unsaved.iterator();
        while (agents.hasNext()) {
            String agent = agents.next();
            agents.remove();
            AgentRecord record = records.get(agent);
            if (record == null) {
                continue;
            }
            try {
                store.put(agent, AgentStateCodec.encode(record.saved()));
            } catch (RuntimeException e) {
                // The store is the same that takes the readings, and says so on its own; the next round tries again.
                unsaved.add(agent);
                LOG.debug("agent {} could not be saved", agent, e);
                return;
            }
        }
    }

    // ---- read side ----

    @Override
    public List<AgentSummary> agents() {
        Map<String, List<Origin>> origins = new HashMap<>();
        for (Origin origin : accounts.origins()) {
            origins.computeIfAbsent(origin.agent(), unused -> new ArrayList<>()).add(origin);
        }
        return records.values().stream()
                .map(record -> record.summary(report(record, origins.getOrDefault(record.id(), List.of()))
                        .account()))
                .sorted(Comparator.comparing(AgentSummary::id))
                .toList();
    }

    @Override
    public @Nullable AgentSummary agent(String id) {
        AgentRecord record = records.get(id);
        return record == null
                ? null
                : record.summary(report(record, originsOf(id)).account());
    }

    @Override
    public @Nullable GapReport gaps(String id) {
        AgentRecord record = records.get(id);
        return record == null ? null : report(record, originsOf(id));
    }

    private List<Origin> originsOf(String agent) {
        return accounts.origins().stream()
                .filter(origin -> origin.agent().equals(agent))
                .toList();
    }

    private GapReport report(AgentRecord record, List<Origin> origins) {
        Map<Long, AgentRecord.EpochState> epochs = new TreeMap<>();
        for (AgentRecord.EpochState state : record.epochStates()) {
            epochs.put(state.epoch, state);
        }
        // Storage may know an epoch that was not saved here any more before the collector died.
        for (Origin origin : origins) {
            epochs.computeIfAbsent(origin.epoch(), AgentRecord.EpochState::new);
        }
        List<EpochGaps> gaps = new ArrayList<>();
        Account sum = Account.EMPTY;
        int left = epochs.size();
        for (AgentRecord.EpochState state : epochs.values()) {
            OriginAccount held = accounts.account(new Origin(record.id(), state.epoch));
            EpochGaps epoch = GapProof.of(state.epoch, --left == 0, state.nextSequence, state.oldestSequence, held);
            gaps.add(epoch);
            sum = sum.plus(epoch.account());
        }
        return new GapReport(record.id(), gaps, record.agentQueuedReadings(), sum);
    }

    private void report(GaugeWithCallback.Callback gauge) {
        Account sum = Account.EMPTY;
        for (AgentSummary agent : agents()) {
            sum = sum.plus(agent.account());
        }
        gauge.call(sum.accepted(), "accepted", "");
        gauge.call(sum.received(), "received", "");
        gauge.call(sum.stored(), "stored", "");
        gauge.call(sum.duplicate(), "duplicate", "");
        gauge.call(sum.replaced(), "replaced", "");
        gauge.call(sum.expired(), "expired", "");
        gauge.call(sum.erased(), "erased", "");
        gauge.call(sum.queued(), "queued", "");
        gauge.call(sum.missing(), "missing", "");
        gauge.call(sum.redelivered(), "redelivered", "");
        sum.rejected().forEach((cause, count) -> gauge.call(count, "rejected", cause));
        sum.evicted().forEach((cause, count) -> gauge.call(count, "evicted", cause));
    }

    /** Saves what is not saved yet. */
    @Override
    public void close() {
        if (saver != null) {
            saver.shutdown();
            saver = null;
            save();
        }
    }
}
