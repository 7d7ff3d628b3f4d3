package io.tributary.sim.load;

import io.tributary.config.HostPort;

/**
 * A load of devices on an agent.
 *
 * @param form what they send
 * @param connections each sends and hears on a thread of its own
 * @param window messages of a connection that may be unanswered
 * @param warmUp messages of all connections before the clock starts
 * @param messages of all connections against the clock
 * @param devices of the reference fleet, spread over the connections
 * @param frameDevices devices whose rows share a frame
 * @param frameRows rows of a frame; ten readings each
 */
public record PressPlan(
        HostPort agent,
        Form form,
        int connections,
        int window,
        int warmUp,
        int messages,
        int devices,
        int frameDevices,
        int frameRows,
        long seed) {
    /** What devices send, and over what. */
    public enum Form {
        /** TCP frames of rows. */
        ROWS,
        /** TCP frames that each hold a columnar batch. */
        BATCHES,
        /** MQTT 3.1.1, QoS 1, one reading each. */
        PUBLISHES
    }

    public PressPlan {
        atLeastOne("connections", connections);
        atLeastOne("window", window);
        atLeastOne("messages", messages);
        atLeastOne("frame-devices", frameDevices);
        atLeastOne("frame-rows", frameRows);
        if (warmUp < 0) {
            throw new IllegalArgumentException("warm-up is " + warmUp + ", expected 0 or more");
        }
        if (devices < connections) {
            throw new IllegalArgumentException(
                    "devices is " + devices + ", expected at least one for each of " + connections + " connections");
        }
        if (window > 0xffff) {
            throw new IllegalArgumentException("window is " + window + ", expected at most 65535");
        }
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + " is " + value + ", expected at least 1");
        }
    }

    /** Devices of one connection. */
    int devicesEach() {
        return devices / connections;
    }
}
