package io.tributary.agent.decode;

/**
 * Told by the Sparkplug decoder that it lacks what an edge node said at its birth, so that whoever can write to the
 * broker asks for it again: the metric {@code Node Control/Rebirth} on {@code spBv1.0/GROUP/NCMD/NODE}, whose payload is
 * {@link SparkplugCommand#rebirth}.
 */
@FunctionalInterface
public interface RebirthListener {
    /** For sources that cannot ask; the state then comes with the node's next birth. */
    RebirthListener NONE = (group, edgeNode, reason) -> {};

    /**
     * Called on the thread that decodes, at most once per node and {@code rebirth-interval}; must not block.
     *
     * @param reason a sentence for the log
     */
    void rebirthNeeded(String group, String edgeNode, String reason);
}
