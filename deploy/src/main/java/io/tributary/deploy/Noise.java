package io.tributary.deploy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Sends files as they are, again and again, to a TCP and a UDP source that cannot read them. A program of its own, so that
 * it can be given a low priority: it stands for other machines.
 */
@Command(name = "noise", hidden = true, description = "Foreign bytes for deploy/bench sources.")
final class Noise implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int PART_BYTES = 1024;

    @Option(names = "--root", hidden = true)
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path root;

    @Option(names = "--files", required = true, paramLabel = "DIR")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path files;

    @Option(names = "--tcp", required = true, paramLabel = "PORT")
    private int tcpPort;

    @Option(names = "--udp", required = true, paramLabel = "PORT")
    private int udpPort;

    @Option(names = "--rate", defaultValue = "0", paramLabel = "KIB", description = "A second to either; 0: no limit.")
    private long rateKib;

    private long sentBytes;
    private long beganNs;

    @Override
    public Integer call() throws IOException {
        List<Path> all;
        try (Stream<Path> each = Files.walk(files)) {
            all = each.filter(Files::isRegularFile).sorted().toList();
        }
        if (all.isEmpty()) {
            System.err.println("no files in " + files);
            return 1;
        }
        beganNs = System.nanoTime();
        while (!Thread.currentThread().isInterrupted()) {
            for (Path file : all) {
                stream(Files.readAllBytes(file));
            }
        }
        return 0;
    }

    /** Over TCP whole, its answers read to the end; over UDP in datagrams, at the pace of TCP. */
    private void stream(byte[] bytes) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (Socket tcp = new Socket(here, tcpPort);
                DatagramSocket udp = new DatagramSocket()) {
            Thread answers = new Thread(() -> {
                try {
                    tcp.getInputStream().transferTo(OutputStream.nullOutputStream());
                } catch (IOException e) {
                    System.err.println("a connection with noise broke: " + e.getMessage());
                }
            });
            answers.start();
            for (int at = 0; at < bytes.length; at += PART_BYTES) {
                byte[] part = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + PART_BYTES));
                tcp.getOutputStream().write(part);
                udp.send(new DatagramPacket(part, part.length, here, udpPort));
                pace(part.length);
            }
            tcp.shutdownOutput();
            answers.join(PATIENCE.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pace(int bytes) {
        sentBytes += bytes;
        if (rateKib > 0) {
            long due = beganNs + sentBytes * TimeUnit.SECONDS.toNanos(1) / (rateKib * 1024);
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
        }
    }
}
