package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** The files of a measurement. */
final class BenchDirectory implements AutoCloseable {
    private final Path path;
    private final boolean keep;

    /** @param keep whether the files stay where they are */
    BenchDirectory(boolean keep) throws IOException {
        this.path = Files.createTempDirectory("tributary-bench-");
        this.keep = keep;
    }

    Path resolve(String name) {
        return path.resolve(name);
    }

    Path path() {
        return path;
    }

    /** Of all files below. */
    static long bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            long bytes = 0;
            for (Path file : (Iterable<Path>) files::iterator) {
                bytes += Files.isRegularFile(file) ? Files.size(file) : 0;
            }
            return bytes;
        }
    }

    @Override
    public void close() throws IOException {
        if (keep) {
            System.err.println("files: " + path);
            return;
        }
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
