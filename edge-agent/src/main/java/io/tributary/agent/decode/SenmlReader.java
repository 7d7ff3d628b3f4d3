package io.tributary.agent.decode;

/** Reads the records of a pack, whatever it is encoded in. One thread. */
interface SenmlReader {
    /** Makes a reader for one payload. */
    @FunctionalInterface
    interface Opener {
        SenmlReader open(byte[] payload) throws MalformedException;
    }

    /**
     * @param record overwritten with the next one
     * @return false at the end of the pack, behind which is nothing
     */
    boolean next(SenmlRecord record) throws MalformedException;
}
