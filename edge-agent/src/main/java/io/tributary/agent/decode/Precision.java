package io.tributary.agent.decode;

/** The unit of a time stamp without unit. */
public enum Precision {
    S(1_000_000_000L),
    MS(1_000_000L),
    US(1_000L),
    NS(1L);

    private final long ns;

    Precision(long ns) {
        this.ns = ns;
    }

    /** @throws MalformedException when it does not fit into ns since 1970 */
    public long toNs(long time) throws MalformedException {
        long scaled = time * ns;
        if (ns != 1 && (time > Long.MAX_VALUE / ns || time < Long.MIN_VALUE / ns)) {
            throw new MalformedException("time stamp " + time + " in " + this + " is beyond the years 1677 to 2262");
        }
        return scaled;
    }
}
