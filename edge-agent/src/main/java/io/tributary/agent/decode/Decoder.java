package io.tributary.agent.decode;

import io.tributary.model.Batch;

/**
 * Turns one message into readings, whatever brought it. Chosen per source by the configuration; called on the source's
 * threads, several at a time: implementations keep no state between messages unless they say so.
 */
public interface Decoder {
    /**
     * All readings of the message; a row without a time of its own has {@link io.tributary.model.Table#STAMP_ON_ARRIVAL},
     * edge times are 0.
     *
     * @throws MalformedException what was found, what is expected, and where; nothing of the message is taken then
     */
    Batch decode(Message message) throws MalformedException;
}
