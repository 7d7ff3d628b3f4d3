package io.tributary.sim;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** A line on stderr now and then, from a thread of its own: work that is stuck shows as well. */
final class Progress implements AutoCloseable {
    private static final int TERMINAL_SECONDS = 1;
    private static final int LOG_SECONDS = 10;

    private final PrintWriter out;
    private final boolean terminal;
    private final ScheduledExecutorService timer;
    private final Supplier<String> line;

    private Progress(PrintWriter out, boolean quiet, Supplier<String> line) {
        this.out = out;
        this.line = line;
        this.terminal = System.console() != null;
        this.timer = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "progress");
            thread.setDaemon(true);
            return thread;
        });
        if (!quiet) {
            int seconds = terminal ? TERMINAL_SECONDS : LOG_SECONDS;
            var unused = timer.scheduleAtFixedRate(this::show, seconds, seconds, TimeUnit.SECONDS);
        }
    }

    static Progress start(PrintWriter out, boolean quiet, Supplier<String> line) {
        return new Progress(out, quiet, line);
    }

    private void show() {
        // A terminal keeps one line; what is behind a shorter one is cleared.
        out.print(terminal ? "\r" + line.get() + "\u001b[K" : line.get() + System.lineSeparator());
        out.flush();
    }

    @Override
    public void close() {
        timer.shutdownNow();
        if (terminal) {
            out.print("\r\u001b[K");
            out.flush();
        }
    }

    /** {@code 1234567} as {@code 1,234,567}. */
    static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
