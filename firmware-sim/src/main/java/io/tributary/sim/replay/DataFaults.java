package io.tributary.sim.replay;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** What the files have that cannot be used: counted, and the first ones told. */
public final class DataFaults {
    private static final int TOLD_MAX = 20;

    private final Consumer<String> teller;
    private final AtomicLong cells = new AtomicLong();
    private final AtomicLong rows = new AtomicLong();

    /** @param teller gets one line each for the first faults */
    public DataFaults(Consumer<String> teller) {
        this.teller = teller;
    }

    void cell(Path file, long line, int column, String name, String value, String message) {
        cells.incrementAndGet();
        tell("%s:%d: column %d (%s): \"%s\" %s".formatted(file, line, column, name, shown(value), message));
    }

    void row(Path file, long line, String message) {
        rows.incrementAndGet();
        tell("%s:%d: %s; row skipped".formatted(file, line, message));
    }

    /** Cells that were skipped, the rest of their row was not. */
    public long cells() {
        return cells.get();
    }

    /** Rows that were skipped as a whole. */
    public long rows() {
        return rows.get();
    }

    static String shown(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 64 ? clean : clean.substring(0, 64) + "…";
    }

    private void tell(String message) {
        long count = cells.get() + rows.get();
        if (count <= TOLD_MAX) {
            teller.accept(message);
            if (count == TOLD_MAX) {
                teller.accept("further faults of the data are only counted");
            }
        }
    }
}
