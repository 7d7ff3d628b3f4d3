package io.tributary.sim.link;

import java.util.List;

/** What carries messages, the scheme of {@code --to}. */
public enum Transport {
    /** Acknowledged by frames or lines. */
    TCP(List.of(Protocol.FRAMES, Protocol.BATCHES, Protocol.LINES, Protocol.JSON)),
    /** Best effort: nobody says what arrived, everything is in doubt. */
    UDP(List.of(Protocol.LINES, Protocol.JSON)),
    /** {@code POST /write}, acknowledged by 2xx. */
    HTTP(List.of(Protocol.LINES)),
    /** A listener or a broker; acknowledged by PUBACK or PUBREC, best effort with QoS 0. */
    MQTT(List.of(Protocol.LINES, Protocol.JSON, Protocol.SENML_JSON, Protocol.SENML_CBOR, Protocol.SPARKPLUG));

    private final List<Protocol> protocols;

    Transport(List<Protocol> protocols) {
        this.protocols = protocols;
    }

    /** The first one is meant when none is named. */
    public List<Protocol> protocols() {
        return protocols;
    }
}
