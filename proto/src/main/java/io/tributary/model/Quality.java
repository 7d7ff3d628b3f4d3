package io.tributary.model;

/**
 * Quality codes of a reading: 0 is good, anything else says why not. Codes follow the severity bits of OPC UA: {@code
 * 0x40} uncertain, {@code 0x80} bad; {@link #TIME_CORRECTED} goes with any of them; the low bits tell the reason.
 */
public final class Quality {
    public static final int GOOD = 0;
    public static final int UNCERTAIN = 0x40;
    /** The event time was stamped by a clock that was not right and could not be corrected. */
    public static final int UNCERTAIN_TIME = 0x41;
    /** Outside the plausible range that the configuration gives. */
    public static final int UNCERTAIN_RANGE = 0x42;
    /** Stands for several readings that were thinned out. */
    public static final int UNCERTAIN_THINNED = 0x43;

    /** A bit beside the others: the event time is not the raw stamp, the agent has corrected that for its clock. */
    public static final int TIME_CORRECTED = 0x20;

    public static final int BAD = 0x80;
    public static final int BAD_SENSOR = 0x81;
    public static final int BAD_COMMUNICATION = 0x82;
    /** Codes take one byte. */
    public static final int MAX = 0xff;

    private Quality() {}

    /** The word that the APIs show: {@code good}, {@code uncertain} or {@code bad}. */
    public static String severity(int code) {
        return (code & 0x80) != 0 ? "bad" : (code & 0x40) != 0 ? "uncertain" : "good";
    }
}
