package io.tributary.agent.source;

/**
 * What became of a command at a source.
 *
 * @param detail a sentence for people
 */
public record DeviceOutcome(Kind kind, String detail) {
    public enum Kind {
        /** The device, or its server, has confirmed it as far as the protocol can. */
        DONE,
        /** It has not happened and will not: the device or its server refused. */
        FAILED,
        /** It is on its way, and nobody will say whether it arrived. */
        UNKNOWN,
        /** Nothing has been sent: it may be tried again. */
        NOT_SENT
    }
}
