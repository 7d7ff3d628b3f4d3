package io.tributary.deploy;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** {@code deploy/link} as a process: packets, a rate, delay, loss and reordering, with the kernel's TCP at both ends. Needs root. */
final class PacketLink implements AutoCloseable {
    private final Process process;
    private final BufferedReader answers;
    private final BufferedWriter commands;
    private final String address;

    /** @param port on the loopback address, where it leads to */
    PacketLink(Installation installation, int port, int kbitPerSecond, int delayMillis, double lossPercent)
            throws IOException {
        this(installation, port, kbitPerSecond, delayMillis, lossPercent, 0);
    }

    /** @param reorderPercent of packets, which later ones overtake */
    PacketLink(
            Installation installation,
            int port,
            int kbitPerSecond,
            int delayMillis,
            double lossPercent,
            double reorderPercent)
            throws IOException {
        process = new ProcessBuilder(List.of(
                        installation.root().resolve("deploy").resolve("link").toString(),
                        "--rate",
                        String.valueOf(kbitPerSecond),
                        "--delay",
                        String.valueOf(delayMillis),
                        "--loss",
                        String.valueOf(lossPercent),
                        "--reorder",
                        String.valueOf(reorderPercent),
                        String.valueOf(port)))
                .redirectError(Redirect.INHERIT)
                .start();
        answers = process.inputReader();
        commands = process.outputWriter();
        try {
            address = answer("READY");
        } catch (IOException e) {
            process.destroy();
            throw e;
        }
    }

    String address() {
        return address;
    }

    /** Packets of IP with all their headers, lost ones included. */
    long bytesUp() throws IOException {
        return count(0);
    }

    /** Packets of the way up. */
    long lost() throws IOException {
        return count(2);
    }

    /** Packets of the way up. */
    long reordered() throws IOException {
        return count(3);
    }

    private long count(int field) throws IOException {
        tell("count");
        return Long.parseLong(answer("COUNT").split(" ")[field]);
    }

    /** From here on nothing passes, and nothing breaks; {@link #up} ends it. */
    void down() throws IOException {
        tell("down");
    }

    void up() throws IOException {
        tell("up");
    }

    private void tell(String command) throws IOException {
        commands.write(command + "\n");
        commands.flush();
    }

    private String answer(String word) throws IOException {
        String line = answers.readLine();
        if (line == null || !line.startsWith(word + " ")) {
            throw new IOException("deploy/link " + (line == null ? "has ended" : "said: " + line)
                    + "; it needs root, python3, ip and /dev/net/tun. Without them: --link stream");
        }
        return line.substring(word.length() + 1);
    }

    @Override
    public void close() throws IOException {
        commands.close();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
