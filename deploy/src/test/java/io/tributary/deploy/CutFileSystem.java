package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A small ext4 on a loop file whose power can be cut: what was not fsynced is gone then, as the file system is shut down
 * without its journal being flushed (EXT4_IOC_SHUTDOWN). {@code kill -9} alone does not test fsync, as the page cache outlives
 * the process. Whoever writes must stand still from before the cut on ({@link Program#freeze}): a sync under way while the
 * file system is shut down may be reported as done. Needs root, loop devices, e2fsprogs and python3 for the ioctl.
 */
final class CutFileSystem implements AutoCloseable {
    private static final String SHUTDOWN =
            "import fcntl,os,struct,sys; fcntl.ioctl(os.open(sys.argv[1],os.O_RDONLY),0x8004587D,struct.pack('I',2))";

    private final Path image;
    private final Path mount;
    private boolean mounted;

    private CutFileSystem(Path image, Path mount) {
        this.image = image;
        this.mount = mount;
    }

    /** Whether this machine and user can do it. */
    static boolean isPossible(Path directory) {
        try (CutFileSystem trial = make(directory.resolve("trial"), 16)) {
            Files.writeString(trial.path().resolve("synced"), "x");
            run(List.of("sync", "-f", trial.path().toString()));
            Files.writeString(trial.path().resolve("unsynced"), "x");
            trial.cut();
            trial.restore();
            return Files.exists(trial.path().resolve("synced"))
                    && !Files.exists(trial.path().resolve("unsynced"));
        } catch (IOException e) {
            return false;
        }
    }

    static CutFileSystem make(Path directory, int mebibytes) throws IOException {
        Files.createDirectories(directory);
        Path image = directory.resolve("disk.img");
        Path mount = Files.createDirectories(directory.resolve("disk"));
        run(List.of("dd", "if=/dev/zero", "of=" + image, "bs=1M", "count=" + mebibytes, "status=none"));
        run(List.of("mkfs.ext4", "-q", "-F", image.toString()));
        CutFileSystem made = new CutFileSystem(image, mount);
        made.restore();
        return made;
    }

    Path path() {
        return mount;
    }

    /** From here on nothing reaches the disk any more, and what had not is lost. */
    void cut() throws IOException {
        run(List.of("python3", "-c", SHUTDOWN, mount.toString()));
    }

    /** Power is back; every process that had files open must have ended. */
    void restore() throws IOException {
        if (mounted) {
            unmount();
        }
        run(List.of("mount", "-o", "loop", image.toString(), mount.toString()));
        mounted = true;
    }

    private void unmount() throws IOException {
        run(List.of("umount", mount.toString()));
        mounted = false;
    }

    @Override
    public void close() throws IOException {
        if (mounted) {
            unmount();
        }
        Files.deleteIfExists(image);
    }

    private static void run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                throw new IOException(String.join(" ", command) + ": " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during " + String.join(" ", command), e);
        }
    }
}
