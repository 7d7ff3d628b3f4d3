package io.tributary.agent.source.mqttlistener;

/** What a client did against the protocol or a limit, and the reason code (MQTT 5, section 2.4) that tells it. */
final class Violation extends Exception {
    static final int UNSPECIFIED = 0x80;
    static final int MALFORMED = 0x81;
    static final int PROTOCOL_ERROR = 0x82;
    static final int IMPLEMENTATION_SPECIFIC = 0x83;
    static final int UNSUPPORTED_VERSION = 0x84;
    static final int CLIENT_ID_INVALID = 0x85;
    static final int BAD_CREDENTIALS = 0x86;
    static final int NOT_AUTHORIZED = 0x87;
    static final int SERVER_BUSY = 0x89;
    static final int SHUTTING_DOWN = 0x8B;
    static final int BAD_AUTHENTICATION_METHOD = 0x8C;
    static final int KEEP_ALIVE_TIMEOUT = 0x8D;
    static final int TAKEN_OVER = 0x8E;
    static final int FILTER_INVALID = 0x8F;
    static final int TOPIC_INVALID = 0x90;
    static final int PACKET_ID_NOT_FOUND = 0x92;
    static final int RECEIVE_MAXIMUM_EXCEEDED = 0x93;
    static final int TOPIC_ALIAS_INVALID = 0x94;
    static final int PACKET_TOO_LARGE = 0x95;
    static final int QUOTA_EXCEEDED = 0x97;
    static final int PAYLOAD_INVALID = 0x99;
    static final int SHARED_NOT_SUPPORTED = 0x9E;

    private static final long serialVersionUID = 1L;

    private final int reason;

    Violation(int reason, String detail) {
        super(detail, null, false, false); // one per packet of a hostile peer: no stack trace
        this.reason = reason;
    }

    static Violation malformed(String detail) {
        return new Violation(MALFORMED, detail);
    }

    static Violation protocol(String detail) {
        return new Violation(PROTOCOL_ERROR, detail);
    }

    int reason() {
        return reason;
    }

    String detail() {
        return String.valueOf(getMessage());
    }

    /** For metrics. */
    static String name(int reason) {
        return switch (reason) {
            case MALFORMED -> "malformed-packet";
            case PROTOCOL_ERROR -> "protocol-error";
            case UNSUPPORTED_VERSION -> "protocol-version";
            case CLIENT_ID_INVALID -> "client-id";
            case BAD_CREDENTIALS -> "credentials";
            case SERVER_BUSY -> "busy";
            case SHUTTING_DOWN -> "shutting-down";
            case BAD_AUTHENTICATION_METHOD -> "authentication-method";
            case KEEP_ALIVE_TIMEOUT -> "keep-alive";
            case TAKEN_OVER -> "taken-over";
            case FILTER_INVALID, TOPIC_INVALID -> "topic";
            case RECEIVE_MAXIMUM_EXCEEDED -> "receive-maximum";
            case TOPIC_ALIAS_INVALID -> "topic-alias";
            case PACKET_TOO_LARGE -> "packet-too-large";
            case QUOTA_EXCEEDED -> "quota";
            default -> "other";
        };
    }
}
