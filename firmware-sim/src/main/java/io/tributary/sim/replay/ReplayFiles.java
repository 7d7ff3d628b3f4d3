package io.tributary.sim.replay;

import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a data set as one stream of rows. */
public final class ReplayFiles {
    /** How the rows of several files follow each other. */
    public enum Merge {
        EVENT_TIME,
        ROUND_ROBIN
    }

    private final List<Path> files;
    private final @Nullable Mapping mapping;
    private final Merge merge;

    /** @param mapping null when all files are line protocol that names its device in the tag {@code device} */
    public ReplayFiles(List<Path> files, @Nullable Mapping mapping, Merge merge) {
        this.files = List.copyOf(files);
        this.mapping = mapping;
        this.merge = merge;
    }

    /**
     * Opens all files.
     *
     * @throws IOException when one cannot be read, or lacks what the mapping names
     */
    public RowStream open(DataFaults faults) throws IOException {
        List<RowStream> streams = new ArrayList<>();
        RowStream merged = null;
        try {
            for (Path file : files) {
                streams.add(open(file, faults));
            }
            merged = streams.size() == 1 ? streams.get(0) : new MergedRows(streams, merge);
            return merged;
        } finally {
            if (merged == null) {
                for (RowStream stream : streams) {
                    stream.close();
                }
            }
        }
    }

    private RowStream open(Path file, DataFaults faults) throws IOException {
        boolean lines = InputFile.plainName(file).endsWith(".lp");
        if (lines && (mapping == null || mapping.format() == Mapping.Format.CSV)) {
            return new LineRows(file, Mapping.lineProtocol(), faults);
        } else if (mapping == null) {
            throw new IOException(file + ": needs a mapping: only line protocol (.lp) does without");
        }
        return mapping.format() == Mapping.Format.LINE_PROTOCOL
                ? new LineRows(file, mapping, faults)
                : new CsvRows(file, mapping, faults);
    }

    /** Reads everything once for the first and the last event time. */
    public Span span() throws IOException {
        long first = Long.MAX_VALUE;
        long last = Long.MIN_VALUE;
        try (RowStream rows = open(new DataFaults(message -> {}))) {
            for (Row row = rows.next(); row != null; row = rows.next()) {
                first = Math.min(first, row.eventTimeNs());
                last = Math.max(last, row.eventTimeNs());
            }
        }
        if (first > last) {
            throw new IOException(files.size() + " files without a single row");
        }
        return new Span(first, last);
    }

    /** Event times in ns since the epoch. */
    public record Span(long firstNs, long lastNs) {}
}
