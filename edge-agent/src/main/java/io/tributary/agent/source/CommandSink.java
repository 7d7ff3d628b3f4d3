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

    /** Does it, once: never sends twice what the device may have got. */
    CompletionStage<DeviceOutcome> carryOut(DeviceCommand command);
}
