package io.tributary.agent.outbox;

import io.tributary.agent.process.Glob;
import io.tributary.config.Default;
import java.util.List;

/**
 * An entry of {@code outbox.classes}: which channels give way first when the outbox is full.
 *
 * @param channels patterns over names of channels
 * @param devices patterns over IDs of devices; both have to match
 * @param priority 0 goes first, 7 last; channels of no class have {@link #DEFAULT_PRIORITY}
 */
public record ChannelClass(
        List<String> channels, @Default("['*']") List<String> devices, int priority) {
    public static final int DEFAULT_PRIORITY = 4;
    public static final int PRIORITIES = 8;

    public ChannelClass {
        channels = List.copyOf(channels);
        devices = List.copyOf(devices);
        channels.forEach(Glob::parse);
        devices.forEach(Glob::parse);
        if (channels.isEmpty() || devices.isEmpty()) {
            throw new IllegalArgumentException("channels or devices is empty, expected at least one pattern");
        }
        if (priority < 0 || priority >= PRIORITIES) {
            throw new IllegalArgumentException("priority is " + priority + ", expected 0 to " + (PRIORITIES - 1));
        }
    }
}
