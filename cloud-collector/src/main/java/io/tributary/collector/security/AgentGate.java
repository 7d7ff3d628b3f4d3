package io.tributary.collector.security;

/** Which agents may open a session, and for which devices they may write. Any thread; does not block for long. */
public interface AgentGate {
    /** Without security: everybody, for every device. */
    AgentGate OPEN = new AgentGate() {
        @Override
        public void admit(String agent, Peer peer) {}

        @Override
        public boolean isAdmitted(String agent) {
            return true;
        }

        @Override
        public boolean mayWrite(String agent, String device) {
            return true;
        }

        @Override
        public void deviceRefused(String agent, String device) {}
    };

    /**
     * An agent says hello.
     *
     * @throws AccessDeniedException its certificate names another, or none, or it has been revoked
     */
    void admit(String agent, Peer peer) throws AccessDeniedException;

    /** False as soon as a connected agent has been revoked. */
    boolean isAdmitted(String agent);

    boolean mayWrite(String agent, String device);

    /** For the audit log: readings of a device came that the agent may not write. */
    void deviceRefused(String agent, String device);
}
