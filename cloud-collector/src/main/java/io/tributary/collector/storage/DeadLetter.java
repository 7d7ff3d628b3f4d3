package io.tributary.collector.storage;

import io.tributary.collector.partition.Origin;
import io.tributary.model.SequenceRange;
import org.jspecify.annotations.Nullable;

/**
 * A record that could not be stored or read, kept with its cause.
 *
 * @param id ascending in time; {@code after} of the next page
 * @param timeNs collector time
 * @param cause a short word: {@code future-event-time}, {@code damaged-chunk}
 * @param detail a sentence with value, expectation and place
 * @param origin null when it is not known who sent it
 * @param range null when it is not known which sequences it held
 * @param readings 0 when not known
 * @param payload the record itself, possibly cut to the store's limit per record
 */
public record DeadLetter(
        long id,
        long timeNs,
        String cause,
        String detail,
        @Nullable Origin origin,
        @Nullable SequenceRange range,
        long readings,
        byte[] payload) {}
