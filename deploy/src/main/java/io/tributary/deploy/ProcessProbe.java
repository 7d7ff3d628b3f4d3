package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says of a process: resident memory, CPU time, bytes written. */
final class ProcessProbe {
    /** Of {@code /proc/PID/stat}: USER_HZ, 100 on every architecture Java runs on. */
    private static final double TICKS_PER_SECOND = 100;

    private final Path directory;

    ProcessProbe(long pid) {
        this.directory = Path.of("/proc", Long.toString(pid));
    }

    /** Resident, MiB: {@code VmRSS} all of it, {@code RssAnon} without files, {@code VmHWM} the most ever. */
    double mebibytes(String field) throws IOException {
        for (String line : Files.readAllLines(directory.resolve("status"))) {
            if (line.startsWith(field + ":")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
            }
        }
        throw new IOException("no " + field + " in " + directory.resolve("status"));
    }

    /** User and system time of all threads so far. */
    double cpuSeconds() throws IOException {
        return cpuSeconds(directory);
    }

    /** Of them, those in which the JVM compiles. */
    double compilerSeconds() throws IOException {
        double seconds = 0;
        try (DirectoryStream<Path> threads = Files.newDirectoryStream(directory.resolve("task"))) {
            for (Path thread : threads) {
                String name = Files.readString(thread.resolve("comm"));
                if (name.startsWith("C1 Comp") || name.startsWith("C2 Comp")) {
                    seconds += cpuSeconds(thread);
                }
            }
        }
        return seconds;
    }

    private static double cpuSeconds(Path of) throws IOException {
        String stat = Files.readString(of.resolve("stat"));
        // Behind the name in parentheses, which may hold anything.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS_PER_SECOND;
    }

    /** Files that it may have open at a time. */
    long filesMax() throws IOException {
        String name = "Max open files";
        for (String line : Files.readAllLines(directory.resolve("limits"))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.substring(name.length()).trim().split(" +", 2)[0]);
            }
        }
        throw new IOException("no " + name + " in " + directory.resolve("limits"));
    }

    /** Handed to the disk so far, as Linux counts it. */
    long writtenBytes() throws IOException {
        String name = "write_bytes:";
        for (String line : Files.readAllLines(directory.resolve("io"))) {
            if (line.startsWith(name)) {
                return Long.parseLong(line.substring(name.length()).trim());
            }
        }
        throw new IOException("no " + name + " in " + directory.resolve("io"));
    }
}
