package io.tributary.collector.ingest;

import io.tributary.model.Batch;
import io.tributary.model.Table;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The devices and channels that one agent has brought since the collector started, so that a broken agent cannot make
 * series without end. Rows of one device nearly always carry the same channels: devices share one set per channel set,
 * and checking a row run costs one map lookup and one comparison of references.
 */
final class SeriesLimits {
    /** Distinct channel sets kept for sharing; more than that is no sharing, and the cache starts over. */
    private static final int SETS_MAX = 4_096;

    private final int devicesMax;
    private final int channelsMax;
    private final Predicate<String> mayWrite;
    // Guarded by this, all of it.
    private final Map<String, ChannelSet> devices = new HashMap<>();
    private final Map<Set<String>, ChannelSet> sets = new HashMap<>();

    /** What the rows of a run meet. */
    enum Verdict {
        WITHIN("", ""),
        TOO_MANY_DEVICES(Causes.TOO_MANY_DEVICES, "is one more than ingest.devices-per-agent-max"),
        TOO_MANY_CHANNELS(Causes.TOO_MANY_CHANNELS, "has more channels than ingest.channels-per-device-max"),
        FORBIDDEN_DEVICE(Causes.FORBIDDEN_DEVICE, "is none that this agent may write");

        private final String cause;
        private final String detail;

        Verdict(String cause, String detail) {
            this.cause = cause;
            this.detail = detail;
        }

        String cause() {
            return cause;
        }

        /** Follows the device's name. */
        String detail() {
            return detail;
        }
    }

    private static final class ChannelSet {
        final Set<String> names;
        /** The last other set found inside this one. */
        private ChannelSet covered = this;

        ChannelSet(Set<String> names) {
            this.names = names;
        }

        boolean covers(ChannelSet other) {
            if (other == this || other == covered) {
                return true;
            }
            if (!names.containsAll(other.names)) {
                return false;
            }
            covered = other;
            return true;
        }
    }

    /** @param mayWrite whether the agent may write a device, as of now */
    SeriesLimits(int devicesMax, int channelsMax, Predicate<String> mayWrite) {
        this.mayWrite = mayWrite;
        this.devicesMax = devicesMax;
        this.channelsMax = channelsMax;
    }

    /** One verdict per run of {@code table}; what is within the limits is remembered. */
    synchronized Verdict[] check(Batch batch, Table table) {
        Set<String> names = new HashSet<>();
        for (int channel : table.channels()) {
            names.add(batch.channels().get(channel).name());
        }
        ChannelSet set = shared(names);
        Verdict[] verdicts = new Verdict[table.runDevice().length];
        for (int run = 0; run < verdicts.length; run++) {
            verdicts[run] = check(batch.devices().get(table.runDevice()[run]).id(), set);
        }
        return verdicts;
    }

    private Verdict check(String device, ChannelSet set) {
        if (!mayWrite.test(device)) {
            return Verdict.FORBIDDEN_DEVICE;
        }
        ChannelSet known = devices.get(device);
        if (known != null && known.covers(set)) {
            return Verdict.WITHIN;
        }
        if (known == null && devices.size() >= devicesMax) {
            return Verdict.TOO_MANY_DEVICES;
        }
        ChannelSet wider = set;
        if (known != null) {
            Set<String> union = new HashSet<>(known.names);
            union.addAll(set.names);
            wider = shared(union);
        }
        if (wider.names.size() > channelsMax) {
            return Verdict.TOO_MANY_CHANNELS;
        }
        devices.put(device, wider);
        return Verdict.WITHIN;
    }

    private ChannelSet shared(Set<String> names) {
        if (sets.size() >= SETS_MAX) {
            sets.clear();
        }
        return sets.computeIfAbsent(names, ChannelSet::new);
    }
}
