package io.tributary.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * Failing fsyncs and writes and a wrong wall clock in a whole process, by a small library that is compiled here (faults.c) and loaded
 * before libc. Needs Linux and a C compiler.
 */
final class FaultShim {
    private static final int CLOCK_AT = 0;
    private static final int FSYNC_AT = 8;
    private static final int WRITE_AT = 16;
    private static final int FAILED_FSYNCS_AT = 24;
    private static final int FAILED_WRITES_AT = 32;
    private static final int BYTES = 40;

    private final Path preload;
    private final Path control;
    private volatile long clockNs;

    private FaultShim(Path preload, Path control) {
        this.preload = preload;
        this.control = control;
    }

    /** Whether this machine has what it takes. */
    static boolean isPossible() {
        try {
            return System.getProperty("os.name", "").equals("Linux") && run(List.of("cc", "--version")) == 0;
        } catch (IOException e) {
            return false;
        }
    }

    static FaultShim make(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path source = directory.resolve("faults.c");
        try (InputStream text = FaultShim.class.getResourceAsStream("/faults/faults.c")) {
            Files.write(source, Objects.requireNonNull(text).readAllBytes());
        }
        Path preload = directory.resolve("faults.so");
        if (run(List.of("cc", "-O1", "-shared", "-fPIC", "-o", preload.toString(), source.toString(), "-ldl")) != 0) {
            throw new IOException("faults.c does not compile");
        }
        FaultShim shim = new FaultShim(preload, directory.resolve("control"));
        Files.write(shim.control, new byte[BYTES]);
        return shim;
    }

    /** Of a process that is to have faults. */
    Map<String, String> environment() {
        return Map.of("LD_PRELOAD", preload.toString(), "TRIBUTARY_FAULTS", control.toString());
    }

    /** Moves the wall clock, from this moment on. */
    void clock(long offsetNs) throws IOException {
        write(CLOCK_AT, offsetNs);
        clockNs = offsetNs;
    }

    /** How far the wall clock is moved. */
    long clock() {
        return clockNs;
    }

    /** Every how many fsyncs one fails; 0: none. */
    void failFsync(long every) throws IOException {
        write(FSYNC_AT, every);
    }

    /** Every how many writes to files one fails; 0: none. */
    void failWrite(long every) throws IOException {
        write(WRITE_AT, every);
    }

    /** Fsyncs and writes that were made to fail so far. */
    long failed() throws IOException {
        return read(FAILED_FSYNCS_AT) + read(FAILED_WRITES_AT);
    }

    private long read(int at) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
        try (FileChannel channel = FileChannel.open(control, StandardOpenOption.READ)) {
            channel.read(bytes, at);
        }
        return bytes.getLong(0);
    }

    private void write(int at, long value) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder()).putLong(0, value);
        try (FileChannel channel = FileChannel.open(control, StandardOpenOption.WRITE)) {
            channel.write(bytes, at);
        }
    }

    private static int run(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", command) + " does not end: " + said);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted during " + String.join(" ", command), e);
        }
    }
}
