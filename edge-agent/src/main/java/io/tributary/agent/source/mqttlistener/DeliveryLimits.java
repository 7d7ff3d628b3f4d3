package io.tributary.agent.source.mqttlistener;

/** What the deliveries of all sessions hold together, and how much they may. Of the event loop. */
final class DeliveryLimits {
    private final int sessionMax;
    private final long bytesMax;
    private int messages;
    private long bytes;

    /**
     * @param sessionMax messages of a session
     * @param bytesMax payloads of all sessions; one that finds none but itself may be larger
     */
    DeliveryLimits(int sessionMax, long bytesMax) {
        this.sessionMax = sessionMax;
        this.bytesMax = bytesMax;
    }

    int sessionMax() {
        return sessionMax;
    }

    boolean hasRoom(int payloadBytes) {
        return bytes == 0 || bytes + payloadBytes <= bytesMax;
    }

    void taken(int payloadBytes) {
        messages++;
        bytes += payloadBytes;
    }

    void freed(int payloadBytes) {
        messages--;
        bytes -= payloadBytes;
    }

    int messages() {
        return messages;
    }

    long bytes() {
        return bytes;
    }
}
