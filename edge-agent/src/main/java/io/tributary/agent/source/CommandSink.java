package io.tributary.agent.source;

import java.util.concurrent.CompletionStage;

/**
 * A source that devices can be commanded through. Asked on the thread {@code commands}, must not block; its answers may
 * come on any thread, and always come normally.
 */
public interface CommandSink {
    /** The source's name. */
    String name();

    /** Whether it knows this kind of command at all. */
    boolean takes(DeviceCommand command);

    /** Whether the device could be reached at this moment; false: it is asked again until the command expires. */
    CompletionStage<Boolean> reaches(DeviceCommand command);

    /**
     * Does it, once. What its protocol makes it send again until the device has confirmed it is marked as the same
     * message, and is not sent after the deadline.
     *
     * @param id of the command, for protocols that can tell the device
     * @param deadlineNs of the monotonic clock; nobody waits for the answer after it
     */
    CompletionStage<DeviceOutcome> carryOut(DeviceCommand command, String id, long deadlineNs);
}
