package io.tributary.sim.link;

/**
 * What went over a link. After it is closed, {@code handedOver = accepted + rejected + unsent + inDoubt}.
 *
 * @param handedOver readings given to the link that the protocol can carry
 * @param accepted readings the agent has acknowledged
 * @param rejected readings the agent has refused for good
 * @param unsendable readings that the protocol cannot carry; never sent
 * @param unsent readings that never were on the wire when the link closed
 * @param inDoubt readings sent, but without an answer when the link closed
 * @param resent readings sent another time
 * @param retryReplies frames that the agent asked for again
 * @param connections connections made
 */
public record LinkTotals(
        long handedOver,
        long accepted,
        long rejected,
        long unsendable,
        long unsent,
        long inDoubt,
        long resent,
        long retryReplies,
        long connections) {}
