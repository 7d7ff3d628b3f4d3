package io.tributary.sim.verify;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * Sorts any number of entries with a bounded number of them in memory: full buffers are sorted into files, which are
 * merged at the end. Not thread-safe.
 */
final class SpillSorter implements Closeable {
    /** Some 100 bytes each in memory. */
    static final int BUFFERED_MAX = 200_000;

    private static final int BUFFER_BYTES = 64 << 10;

    private final Path directory;
    private final int bufferedMax;
    private List<Entry> buffer = new ArrayList<>();
    private final List<Run> runs = new ArrayList<>();

    SpillSorter(Path directory, int bufferedMax) {
        this.directory = directory;
        this.bufferedMax = bufferedMax;
    }

    void add(Entry entry) throws IOException {
        buffer.add(entry);
        if (buffer.size() >= bufferedMax) {
            spill();
        }
    }

    private void spill() throws IOException {
        buffer.sort(Entry.ORDER);
        Path file = Files.createTempFile(directory, "run-", ".sorted");
        runs.add(new Run(file, buffer.size()));
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES))) {
            for (Entry entry : buffer) {
                entry.writeTo(out);
            }
        }
        buffer.clear();
    }

    /** Everything added, in order. To be called once; the cursor ends with the sorter. */
    EntryCursor sorted() throws IOException {
        if (runs.isEmpty()) {
            List<Entry> entries = buffer;
            buffer = new ArrayList<>();
            entries.sort(Entry.ORDER);
            return new Merge(List.of(new InMemory(entries)));
        }
        if (!buffer.isEmpty()) {
            spill();
        }
        List<EntryCursor> cursors = new ArrayList<>();
        Merge merge = null;
        try {
            for (Run run : runs) {
                cursors.add(new EntryFile(run.file, 0, run.count));
            }
            merge = new Merge(cursors);
            return merge;
        } finally {
            if (merge == null) {
                for (EntryCursor cursor : cursors) {
                    cursor.close();
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        for (Run run : runs) {
            Files.deleteIfExists(run.file);
        }
        runs.clear();
        buffer.clear();
    }

    private record Run(Path file, int count) {}

    private static final class InMemory implements EntryCursor {
        private final List<Entry> entries;
        private int next;

        InMemory(List<Entry> entries) {
            this.entries = entries;
        }

        @Override
        public @Nullable Entry next() {
            return next < entries.size() ? entries.get(next++) : null;
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    private static final class Merge implements EntryCursor {
        private final List<EntryCursor> cursors;
        private final PriorityQueue<Head> heads = new PriorityQueue<>(Comparator.comparing(Head::entry, Entry.ORDER));

        Merge(List<EntryCursor> cursors) throws IOException {
            this.cursors = cursors;
            for (EntryCursor cursor : cursors) {
                advance(cursor);
            }
        }

        private void advance(EntryCursor cursor) throws IOException {
            Entry entry = cursor.next();
            if (entry != null) {
                heads.add(new Head(entry, cursor));
            }
        }

        @Override
        public @Nullable Entry next() throws IOException {
            Head head = heads.poll();
            if (head == null) {
                return null;
            }
            advance(head.cursor);
            return head.entry;
        }

        @Override
        public void close() throws IOException {
            for (EntryCursor cursor : cursors) {
                cursor.close();
            }
        }

        private record Head(Entry entry, EntryCursor cursor) {}
    }
}
