package io.tributary.agent.source.linux;

import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code /proc/meminfo}: channels {@code memory.total}, {@code memory.available} and so on, in B. */
final class MemoryProbe implements Probe {
    private static final Pattern LINE = Pattern.compile("(?m)^(\\w+):\\s+(\\d{1,15}) kB$");
    private static final Map<String, String> WANTED = Map.of(
            "MemTotal", "memory.total",
            "MemFree", "memory.free",
            "MemAvailable", "memory.available",
            "Cached", "memory.cached",
            "Dirty", "memory.dirty",
            "SwapTotal", "swap.total",
            "SwapFree", "swap.free");

    private final Path file;

    MemoryProbe(Path root) {
        this.file = root.resolve("proc/meminfo");
    }

    @Override
    public void read(Samples samples) {
        String text = SysFiles.text(file, samples);
        if (text == null) {
            return;
        }
        boolean any = false;
        for (Matcher line = LINE.matcher(text); line.find(); ) {
            String channel = WANTED.get(line.group(1));
            if (channel != null) {
                any = true;
                samples.add(channel, "B", Long.parseLong(line.group(2)) * 1024.0);
            }
        }
        if (!any) {
            samples.failed(file + " holds \"" + SysFiles.shown(text) + "\", expected MemTotal and others");
        }
    }
}
