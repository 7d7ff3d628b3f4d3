package io.tributary.agent.source.udp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What Linux says of a socket's losses: the last column of {@code /proc/net/udp}, since the socket was made.
 *
 * <pre>
 *   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
 * 1234: 0100007F:24E2 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 31337 2 0000 0
 * </pre>
 */
final class KernelDrops {
    private final List<Path> tables;
    private final String port;
    private long seen;

    KernelDrops(List<Path> tables, int port) {
        this.tables = tables;
        this.port = String.format(Locale.ROOT, ":%04X", port);
    }

    /** Losses since the last call; 0 where the system does not tell. */
    long more() {
        long drops = 0;
        for (Path table : tables) {
            try {
                for (String line : Files.readAllLines(table)) {
                    String[] columns = line.trim().split("\\s+");
                    if (columns.length > 12 && columns[1].endsWith(port)) {
                        drops += Long.parseLong(columns[columns.length - 1]);
                    }
                }
            } catch (IOException | NumberFormatException e) {
                return 0; // another system, or another format
            }
        }
        long more = Math.max(0, drops - seen);
        seen = Math.max(seen, drops);
        return more;
    }
}
