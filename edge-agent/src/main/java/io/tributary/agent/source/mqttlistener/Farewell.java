package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** The last packet to a client: why it is not let in, or has to go, as far as its protocol has words for it. */
final class Farewell {
    private Farewell() {}

    /** DISCONNECT to one that was let in; null when its version knows none from a server. */
    static @Nullable Object of(Violation violation, @Nullable ConnectRequest request) {
        if (request == null || !request.version5()) {
            return null;
        }
        String text = request.takesTexts() ? violation.detail() : "";
        return Replies.disconnect(violation.reason(), Replies.reason(text));
    }

    /**
     * CONNACK to one that was not.
     *
     * @param level of the protocol in its CONNECT; 0 when none of ours
     * @return null when it hears nothing
     */
    static @Nullable Object refusal(
            Violation violation, @Nullable ConnectRequest request, int level, ByteBufAllocator buffers) {
        boolean version5 = level == PacketRules.V5 || (request != null && request.version5());
        return level == 0 && violation.reason() != Violation.UNSUPPORTED_VERSION
                ? null
                : Replies.refusal(buffers, version5, violation.reason(), violation.detail());
    }
}
