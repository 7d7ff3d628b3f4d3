package io.tributary.agent.source.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Small files of the kernel. What is not there is nothing; what is there and cannot be read is a failure. */
final class SysFiles {
    /** A page, and the largest that is looked at. */
    private static final int BYTES_MAX = 64 << 10;

    private SysFiles() {}

    /** Without the line break at its end; null when it is not there or, as the failure says, cannot be read. */
    static @Nullable String text(Path file, Samples samples) {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(BYTES_MAX), StandardCharsets.UTF_8).strip();
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            samples.failed(file + ": " + e.getMessage()); // a driver without an answer: EIO, ENODATA, EAGAIN
            return null;
        }
    }

    /** Null when it is not there or is no number. */
    static @Nullable Double number(Path file, Samples samples) {
        String text = text(file, samples);
        if (text == null) {
            return null;
        }
        try {
            double value = Double.parseDouble(text);
            if (Double.isFinite(value)) {
                return value;
            }
        } catch (NumberFormatException e) {
            samples.failed(file + " holds \"" + shown(text) + "\", expected a number");
            return null;
        }
        samples.failed(file + " holds " + text + ", expected a finite number");
        return null;
    }

    static String shown(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 40 ? clean : clean.substring(0, 40) + "…";
    }

    /** Entries of a directory that begin so, in the order of their names and numbers; none when it is not there. */
    static List<Path> entries(Path directory, String prefix, Samples samples) {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(directory)) {
            for (Path each : all) {
                if (name(each).startsWith(prefix)) {
                    found.add(each);
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException | DirectoryIteratorException e) {
            samples.failed(directory + ": " + e.getMessage());
        }
        found.sort(Comparator.comparingInt((Path path) -> name(path).length()).thenComparing(SysFiles::name));
        return found;
    }

    static String name(Path path) {
        return String.valueOf(path.getFileName());
    }
}
