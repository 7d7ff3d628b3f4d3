package io.tributary.agent.source.linux;

/** Reads one kind of sensor, all of them that are there at the moment: they come and go. Of the source's thread. */
interface Probe {
    void read(Samples samples);
}
