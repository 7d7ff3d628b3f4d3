package io.tributary.collector.agents;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the directory holds of one agent. Thread-safe: everything is guarded by this. */
final class AgentRecord {
    /** Weight of the newest interval in the pace: a handful of status messages smooth over one burst. */
    private static final double PACE_WEIGHT = 0.3;
    /** Ranges of one shift; a box that boots without a clock gives one or two per boot. Some 40 bytes each on disk. */
    private static final int CLOCK_SHIFTS_MAX = 10_000;

    private final String id;
    private final List<EpochState> epochs = new ArrayList<>();
    private final List<ClockShift> clockShifts = new ArrayList<>();
    private String address = "";
    private String version = "";
    private List<String> capabilities = List.of();
    private long firstSeenTimeNs;
    private long lastSeenTimeNs;
    private long connectedTimeNs;
    private @Nullable AgentLink link;
    private @Nullable AgentStatus status;
    private double drainPerSecond = Double.NaN;

    /** One epoch, mutable inside its record. */
    static final class EpochState {
        final long epoch;
        long nextSequence;
        long oldestSequence;
        String version = "";
        long firstSeenTimeNs;
        long lastSeenTimeNs;

        EpochState(long epoch) {
            this.epoch = epoch;
        }

        EpochState copy() {
            EpochState copy = new EpochState(epoch);
            copy.nextSequence = nextSequence;
            copy.oldestSequence = oldestSequence;
            copy.version = version;
            copy.firstSeenTimeNs = firstSeenTimeNs;
            copy.lastSeenTimeNs = lastSeenTimeNs;
            return copy;
        }
    }

    /** Everything that outlives the collector. */
    record Saved(
            String version,
            List<String> capabilities,
            String address,
            long firstSeenTimeNs,
            long lastSeenTimeNs,
            List<EpochState> epochs,
            @Nullable AgentStatus status,
            List<ClockShift> clockShifts) {}

    AgentRecord(String id) {
        this.id = id;
    }

    AgentRecord(String id, Saved saved) {
        this.id = id;
        this.version = saved.version;
        this.capabilities = saved.capabilities;
        this.address = saved.address;
        this.firstSeenTimeNs = saved.firstSeenTimeNs;
        this.lastSeenTimeNs = saved.lastSeenTimeNs;
        this.epochs.addAll(saved.epochs);
        this.status = saved.status;
        this.clockShifts.addAll(saved.clockShifts);
    }

    String id() {
        return id;
    }

    synchronized AgentLink connected(AgentHello hello, AgentDirectory directory, long nowNs) {
        seen(nowNs);
        address = hello.address();
        version = hello.version();
        capabilities = hello.capabilities();
        connectedTimeNs = nowNs;
        drainPerSecond = Double.NaN;
        EpochState state = epoch(hello.epoch(), nowNs);
        state.version = hello.version();
        state.oldestSequence = hello.oldestSequence();
        state.nextSequence = Math.max(state.nextSequence, hello.nextSequence());
        AgentLink opened = new AgentLink(directory, this, hello.epoch());
        link = opened;
        return opened;
    }

    synchronized void told(long epoch, long nextSequence, long nowNs) {
        seen(nowNs);
        EpochState state = epoch(epoch, nowNs);
        state.nextSequence = Math.max(state.nextSequence, nextSequence);
    }

    synchronized long told(long epoch) {
        return epochs.stream()
                .filter(each -> each.epoch == epoch)
                .mapToLong(each -> each.nextSequence)
                .findFirst()
                .orElse(0);
    }

    synchronized void shifted(ClockShift shift) {
        for (ClockShift known : clockShifts) {
            if (known.epoch() == shift.epoch()
                    && known.range().first() <= shift.range().first()
                    && known.range().end() >= shift.range().end()) {
                return; // delivered again
            }
        }
        ClockShift whole = shift;
        int place = -1;
        // Live and backlog take turns, and may meet: at most one range ends where this begins, and one begins at its
        // end.
        for (int i = clockShifts.size() - 1; i >= 0; i--) {
            ClockShift joined = joined(clockShifts.get(i), whole);
            if (joined != null) {
                whole = joined;
                if (place >= 0) {
                    clockShifts.remove(place);
                }
                place = i;
            }
        }
        if (place >= 0) {
            clockShifts.set(place, whole);
            return;
        }
        if (clockShifts.size() >= CLOCK_SHIFTS_MAX) {
            clockShifts.remove(0);
        }
        clockShifts.add(shift);
    }

    private static @Nullable ClockShift joined(ClockShift known, ClockShift shift) {
        ClockShift behind = known.joined(shift);
        return behind != null ? behind : shift.joined(known);
    }

    synchronized List<ClockShift> clockShifts() {
        return List.copyOf(clockShifts);
    }

    synchronized void status(long epoch, AgentStatus told) {
        told(epoch, told.nextSequence(), told.receivedTimeNs());
        AgentStatus before = status;
        if (before != null && connectedTimeNs != 0 && before.receivedTimeNs() >= connectedTimeNs) {
            double seconds = (told.receivedTimeNs() - before.receivedTimeNs()) / 1e9;
            if (seconds > 0) {
                double pace = (before.queuedReadings() - told.queuedReadings()) / seconds;
                drainPerSecond =
                        Double.isNaN(drainPerSecond) ? pace : drainPerSecond + PACE_WEIGHT * (pace - drainPerSecond);
            }
        }
        status = told;
    }

    synchronized void disconnected(AgentLink closed, long nowNs) {
        if (link != closed) {
            return;
        }
        seen(nowNs);
        link = null;
        connectedTimeNs = 0;
        drainPerSecond = Double.NaN;
    }

    private void seen(long nowNs) {
        if (firstSeenTimeNs == 0) {
            firstSeenTimeNs = nowNs;
        }
        lastSeenTimeNs = Math.max(lastSeenTimeNs, nowNs);
    }

    private EpochState epoch(long epoch, long nowNs) {
        for (EpochState state : epochs) {
            if (state.epoch == epoch) {
                state.lastSeenTimeNs = Math.max(state.lastSeenTimeNs, nowNs);
                return state;
            }
        }
        EpochState state = new EpochState(epoch);
        state.firstSeenTimeNs = nowNs;
        state.lastSeenTimeNs = nowNs;
        epochs.add(state);
        epochs.sort(Comparator.comparingLong(each -> each.epoch));
        return state;
    }

    synchronized AgentSummary summary(Account account) {
        return new AgentSummary(
                id,
                link != null,
                address,
                version,
                capabilities,
                epochs.stream()
                        .map(each -> new EpochSummary(
                                each.epoch, each.nextSequence, each.firstSeenTimeNs, each.lastSeenTimeNs, each.version))
                        .toList(),
                firstSeenTimeNs,
                lastSeenTimeNs,
                connectedTimeNs,
                status,
                drain(),
                account,
                List.copyOf(clockShifts));
    }

    private @Nullable DrainEstimate drain() {
        AgentStatus last = status;
        if (last == null || last.queuedReadings() == 0 || Double.isNaN(drainPerSecond)) {
            return null;
        }
        double seconds = drainPerSecond > 0 ? last.queuedReadings() / drainPerSecond : Double.POSITIVE_INFINITY;
        return new DrainEstimate(drainPerSecond, seconds);
    }

    synchronized Saved saved() {
        return new Saved(
                version, capabilities, address, firstSeenTimeNs, lastSeenTimeNs, epochStates(), status, clockShifts());
    }

    /** Copies, ascending. */
    synchronized List<EpochState> epochStates() {
        return epochs.stream().map(EpochState::copy).toList();
    }

    synchronized long agentQueuedReadings() {
        return status == null ? -1 : status.queuedReadings();
    }

    synchronized boolean isConnected() {
        return link != null;
    }
}
