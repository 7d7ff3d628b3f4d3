package io.tributary.agent.source.linux;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/**
 * File systems of {@code /proc/mounts} that are on a disk, and the root: channels {@code disk.MOUNT.size}, {@code .free}
 * (for the agent's user) and {@code .used}, in B.
 */
final class DiskProbe implements Probe {
    private final Path root;

    DiskProbe(Path root) {
        this.root = root;
    }

    @Override
    public void read(Samples samples) {
        String text = SysFiles.text(root.resolve("proc/mounts"), samples);
        if (text == null) {
            return;
        }
        Set<String> seen = new HashSet<>();
        for (String line : text.split("\n")) {
            String[] parts = line.split(" ");
            if (parts.length < 3) {
                continue;
            }
            String mount = parts[1].replace("\\040", " ");
            boolean disk = parts[0].startsWith("/dev/") || mount.equals("/");
            // Files that containers have bound into them are mounts, too.
            Path place = root.resolve(mount.substring(mount.startsWith("/") ? 1 : 0));
            if (disk && seen.add(mount.equals("/") ? mount : parts[0]) && Files.isDirectory(place)) {
                store(mount, place, samples);
            }
        }
    }

    private static void store(String mount, Path place, Samples samples) {
        try {
            FileStore store = Files.getFileStore(place);
            String prefix = "disk." + mount + ".";
            long size = store.getTotalSpace();
            samples.add(prefix + "size", "B", size);
            samples.add(prefix + "free", "B", store.getUsableSpace());
            samples.add(prefix + "used", "B", size - store.getUnallocatedSpace());
        } catch (IOException e) {
            samples.failed(mount + ": " + e.getMessage());
        }
    }
}
