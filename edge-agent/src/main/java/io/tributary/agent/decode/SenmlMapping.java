package io.tributary.agent.decode;

import io.tributary.config.Default;
import io.tributary.model.Names;

/**
 * How a SenML name, which is one text, becomes device and channel.
 *
 * @param device which part of it is the device
 * @param channel the channel of records whose name is the device's alone; with a unit that is not the pack's base unit,
 *     the unit is put behind a dot
 * @param sumSuffix behind the channel for the sum of a record
 */
public record SenmlMapping(
        @Default("auto") Part device,
        @Default("value") String channel,
        @Default(".sum") String sumSuffix) {
    public SenmlMapping {
        Names.check("channel", channel);
        Names.check("sum-suffix", sumSuffix);
    }

    /** What of a name is the device. */
    public enum Part {
        /**
         * The device that the address names, and the name is the channel; without, the base name without the sign at its
         * end; without that, the whole name.
         */
        AUTO,
        /** Up to the last of {@code : . / -} or underscore; the channel is behind it. */
        LAST_SEPARATOR,
        /** All of it. */
        WHOLE
    }
}
