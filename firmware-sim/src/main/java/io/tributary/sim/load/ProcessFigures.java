package io.tributary.sim.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/**
 * What a process has used so far, as Linux counts it.
 *
 * @param cpuSeconds of all its threads, user and system
 * @param compilerSeconds those of them that the JVM's compilers took
 * @param writtenBytes handed to disks, page cache included, whether they were synced yet or not
 * @param residentPeakBytes largest resident size ever
 */
record ProcessFigures(double cpuSeconds, double compilerSeconds, long writtenBytes, long residentPeakBytes) {
    static final ProcessFigures NONE = new ProcessFigures(0, 0, 0, 0);
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
        return new ProcessFigures(
                Stat.of(process).seconds,
                compilerSeconds(process),
                field(process.resolve("io"), "write_bytes:"),
                field(process.resolve("status"), "VmHWM:") * 1024);
    }

    private static double compilerSeconds(Path process) throws IOException {
        double seconds = 0;
        try (Stream<Path> tasks = Files.list(process.resolve("task"))) {
            for (Path task : (Iterable<Path>) tasks::iterator) {
                Stat stat = Stat.of(task);
                seconds += stat.name.contains("CompilerThre") ? stat.seconds : 0;
            }
        }
        return seconds;
    }

    private record Stat(String name, double seconds) {
        static Stat of(Path directory) throws IOException {
            String stat;
            try {
                stat = Files.readString(directory.resolve("stat"));
            } catch (NoSuchFileException e) {
                return new Stat("", 0); // a thread that has ended
            }
            // The name, in brackets, may hold anything.
            int end = stat.lastIndexOf(')');
            String[] fields = stat.substring(end + 2).split(" ");
            double ticks = Long.parseLong(fields[UTIME]) + Long.parseLong(fields[STIME]);
            return new Stat(stat.substring(stat.indexOf('(') + 1, end), ticks / TICKS_PER_SECOND);
        }
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
