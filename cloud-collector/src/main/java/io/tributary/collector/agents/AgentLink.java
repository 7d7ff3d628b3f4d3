package io.tributary.collector.agents;

import io.tributary.model.SequenceRange;

/**
 * An open session's hand in the directory. Called by the session, on any thread. A session that another one has taken
 * over may still call: what it tells of sequences counts, its closing changes nothing.
 */
public final class AgentLink {
    private final AgentDirectory directory;
    private final AgentRecord record;
    private final long epoch;

    AgentLink(AgentDirectory directory, AgentRecord record, long epoch) {
        this.directory = directory;
        this.record = record;
        this.epoch = epoch;
    }

    /** Readings of this epoch up to {@code nextSequence} exist. */
    public void told(long nextSequence, long nowNs) {
        record.told(epoch, nextSequence, nowNs);
        directory.changed(record.id());
    }

    /** Stamps of these readings were corrected. */
    public void shifted(SequenceRange range, long shiftNs, long errorNs, long nowNs) {
        record.shifted(new ClockShift(epoch, range, shiftNs, errorNs, nowNs));
        directory.changed(record.id());
    }

    public void status(AgentStatus status) {
        record.status(epoch, status);
        directory.changed(record.id());
    }

    /** Safe twice. */
    public void close(long nowNs) {
        record.disconnected(this, nowNs);
        directory.changed(record.id());
    }
}
