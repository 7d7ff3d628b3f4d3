package io.tributary.agent.source.linux;

import java.nio.file.Path;

/** {@code /proc/loadavg} and {@code /proc/uptime}: channels {@code load.1m}, {@code load.5m}, {@code load.15m}, {@code uptime}. */
final class LoadProbe implements Probe {
    private static final String[] NAMES = {"load.1m", "load.5m", "load.15m"};

    private final Path proc;

    LoadProbe(Path root) {
        this.proc = root.resolve("proc");
    }

    @Override
    public void read(Samples samples) {
        numbers("loadavg", NAMES, "", samples);
        numbers("uptime", new String[] {"uptime"}, "s", samples);
    }

    private void numbers(String file, String[] names, String unit, Samples samples) {
        String text = SysFiles.text(proc.resolve(file), samples);
        if (text == null) {
            return;
        }
        String[] parts = text.split("\\s+");
        for (int i = 0; i < names.length && i < parts.length; i++) {
            try {
                samples.add(names[i], unit, Double.parseDouble(parts[i]));
            } catch (NumberFormatException e) {
                samples.failed(file + " holds \"" + SysFiles.shown(text) + "\", expected numbers");
            }
        }
    }
}
