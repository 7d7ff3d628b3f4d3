package io.tributary.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One running program. Its stderr and a copy of its stdout go to a log file, which further starts of the same program
 * append to, so that the whole story of a fault test is in one place.
 */
final class Program implements AutoCloseable {

    private static final int LINES_KEPT = 10_000;

    private final String name;
    private final Process process;
    private final Path log;
    private final CompletableFuture<ReadyLine> ready = new CompletableFuture<>();
    private final Thread reader;

    /** Guarded by itself. */
    private final List<String> output = new ArrayList<>();

    private Program(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
        this.reader = new Thread(this::readOutput, name + "-output");
        reader.setDaemon(true);
    }

    /** Starts a script; {@code environment} is added to the one inherited. */
    static Program start(Path script, List<String> arguments, Map<String, String> environment, Path log) {
        List<String> command = new ArrayList<>();
        command.add(script.toString());
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                .redirectError(Redirect.appendTo(log.toFile()));
        builder.environment().putAll(environment);
        try {
            Files.createDirectories(log.toAbsolutePath().getParent());
            appendTo(log, "$ " + String.join(" ", command));
            Program program = new Program(script.getFileName().toString(), builder.start(), log);
            program.reader.start();
            return program;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + String.join(" ", command), e);
        }
    }

    /** Waits for the ready line. A program that ends or stays silent instead is an error that shows its log. */
    ReadyLine awaitReady(Duration timeout) {
        try {
            return ready.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new ProgramFailedException(this, "ended with " + exitText() + " before it was ready");
        } catch (TimeoutException e) {
            throw new ProgramFailedException(this, "was not ready after " + timeout.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProgramFailedException(this, "was interrupted before it was ready");
        }
    }

    /** Waits for the end and gives the exit code. */
    int awaitExit(Duration timeout) {
        if (!endsWithin(timeout)) {
            throw new ProgramFailedException(this, "still runs after " + timeout.toSeconds() + " s");
        }
        return process.exitValue();
    }

    /** Waits for the end; any exit code but 0 is an error that shows the log. */
    void awaitSuccess(Duration timeout) {
        if (awaitExit(timeout) != 0) {
            throw new ProgramFailedException(this, "failed");
        }
    }

    /** True when the program has ended, at the latest after {@code timeout}; all its output has been read then. */
    boolean endsWithin(Duration timeout) {
        try {
            if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                return false;
            }
            reader.join(Duration.ofSeconds(10).toMillis());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Takes the processor away (SIGSTOP) until {@link #kill} or {@link #thaw}: a box without power computes nothing any more, while a program
     * that goes on would be told by Linux that syncs succeeded which the dying file system did not make.
     */
    void freeze() throws IOException {
        signal("STOP");
    }

    /** It goes on after {@link #freeze}. */
    void thaw() throws IOException {
        signal("CONT");
    }

    /** SIGHUP: it reads its configuration anew. */
    void hangUp() throws IOException {
        signal("HUP");
    }

    private void signal(String name) throws IOException {
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start();
        try {
            if (kill.waitFor() != 0) {
                throw new IOException(process.pid() + " did not get SIG" + name);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while sending SIG" + name + " to " + process.pid(), e);
        }
    }

    /** kill -9. */
    void kill() {
        process.destroyForcibly();
        awaitExit(Duration.ofSeconds(30));
    }

    /** SIGTERM, and the exit code. */
    int stop(Duration timeout) {
        terminate();
        return awaitExit(timeout);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    ProcessProbe probe() {
        return new ProcessProbe(process.pid());
    }

    String name() {
        return name;
    }

    Path log() {
        return log;
    }

    /** Everything printed on stdout so far (the first lines, when it is very much). */
    List<String> output() {
        synchronized (output) {
            return List.copyOf(output);
        }
    }

    /** The last lines of the log file. */
    List<String> logTail(int lines) {
        try {
            List<String> all = Files.readAllLines(log, StandardCharsets.UTF_8);
            return List.copyOf(all.subList(Math.max(0, all.size() - lines), all.size()));
        } catch (IOException e) {
            return List.of("(cannot read " + log + ": " + e.getMessage() + ")");
        }
    }

    /** Ends the program, gently first. Safe twice. */
    @Override
    public void close() {
        terminate();
        if (!endsWithin(Duration.ofSeconds(10))) {
            process.destroyForcibly();
            endsWithin(Duration.ofSeconds(10));
        }
    }

    /** Over the handle, because {@link Process#destroy} closes the pipes too and loses the last words. */
    private void terminate() {
        process.toHandle().destroy();
    }

    private String exitText() {
        return endsWithin(Duration.ofSeconds(10)) ? "exit code " + process.exitValue() : "its output closed";
    }

    private void readOutput() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                appendTo(log, line);
                synchronized (output) {
                    if (output.size() < LINES_KEPT) {
                        output.add(line);
                    }
                }
                ReadyLine.parse(line).ifPresent(ready::complete);
            }
        } catch (IOException e) {
            // The stream breaks when the process is killed: the same as its end.
        }
        ready.completeExceptionally(new IllegalStateException("no ready line"));
    }

    private static void appendTo(Path log, String line) throws IOException {
        Files.writeString(log, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    }
}
