package io.tributary.sim.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a process has used so far, as Linux counts it.
 *
 * @param cpuSeconds of all its threads, user and system
 * @param writtenBytes handed to disks, page cache included, whether they were synced yet or not
 * @param residentPeakBytes largest resident size ever
 */
record ProcessFigures(double cpuSeconds, long writtenBytes, long residentPeakBytes) {
    static final ProcessFigures NONE = new ProcessFigures(0, 0, 0);
    /** USER_HZ, which is 100 on every Linux that Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private static final int UTIME = 11;
    private static final int STIME = 12;

    /** @param pid 0: of no process */
    static ProcessFigures of(long pid) throws IOException {
        if (pid == 0) {
            return NONE;
        }
        Path process = Path.of("/proc", Long.toString(pid));
        String stat = Files.readString(process.resolve("stat"));
        // The name, in brackets, may hold anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        double ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
        return new ProcessFigures(
                ticks / TICKS_PER_SECOND,
                field(process.resolve("io"), "write_bytes:"),
                field(process.resolve("status"), "VmHWM:") * 1024);
    }

    private static long field(Path file, String name) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(name)) {
                return Long.parseLong(
                        line.substring(name.length()).replace("kB", "").trim());
            }
        }
        throw new IOException(file + " has no " + name);
    }
}
