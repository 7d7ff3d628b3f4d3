package io.tributary.agent.source.mqttlistener;

import org.jspecify.annotations.Nullable;

/** Decides who may publish. Asked on the event loop: an implementation that computes does so on a thread of its own. */
interface Authenticator extends AutoCloseable {
    /** Lets everybody in: behind loopback or client certificates. */
    Authenticator NOBODY_IS_ASKED = (user, password, answer) -> answer.decided(Verdict.ACCEPTED);

    enum Verdict {
        ACCEPTED,
        REFUSED,
        /** Too many others are being checked. */
        BUSY
    }

    /** Told once, maybe before the question returns, on any thread. */
    interface Answer {
        void decided(Verdict verdict);
    }

    void check(@Nullable String user, byte @Nullable [] password, Answer answer);

    @Override
    default void close() {}
}
