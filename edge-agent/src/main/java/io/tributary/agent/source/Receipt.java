package io.tributary.agent.source;

/** What became of something handed to the {@link Intake}. Called on the committer's thread: must not block. */
public interface Receipt {
    /** It is as durable as asked for: the device may be told. */
    void taken();

    /** Nothing of it was taken. */
    void refused(Refusal refusal);
}
