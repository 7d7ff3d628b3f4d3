package io.tributary.sim.verify;

import io.tributary.model.ValueType;
import io.tributary.sim.ledger.LedgerReader;
import io.tributary.sim.ledger.LedgerVisitor;
import io.tributary.sim.row.Row;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.DataOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * What the collector has to have, from the ledgers, on disk: per device its readings in order of event time and channel,
 * of each the last accepted value, and behind it those in doubt that may have come after it.
 */
final class Expectations implements Closeable {
    private final Path file;
    private final Dictionary devices = new Dictionary();
    private final Dictionary channels = new Dictionary();
    private final List<Section> sections = new ArrayList<>();
    private long accepted;
    private long distinct;
    private long duplicates;
    private long replaced;
    private long rejected;
    private long inDoubt;
    private long tornBytes;

    private Expectations(Path file) {
        this.file = file;
    }

    /** @param directory for temporary files */
    static Expectations read(List<Path> ledgers, Path directory, int bufferedMax) throws IOException {
        Expectations expectations = new Expectations(Files.createTempFile(directory, "expected-", ".sorted"));
        boolean done = false;
        try (SpillSorter sorter = new SpillSorter(directory, bufferedMax)) {
            long[] order = {0};
            for (Path ledger : ledgers) {
                expectations.tornBytes +=
                        LedgerReader.read(ledger, (row, fate) -> expectations.add(row, fate, sorter, order));
            }
            try (EntryCursor sorted = sorter.sorted()) {
                expectations.reduce(sorted);
            }
            done = true;
        } finally {
            if (!done) {
                expectations.close();
            }
        }
        return expectations;
    }

    private void add(Row row, LedgerVisitor.Fate fate, SpillSorter sorter, long[] order) throws IOException {
        int device = devices.number(row.device().id());
        switch (fate) {
            case ACCEPTED -> accepted += row.size();
            case REJECTED -> rejected += row.size();
            case IN_DOUBT -> inDoubt += row.size();
        }
        if (fate == LedgerVisitor.Fate.REJECTED) {
            return;
        }
        for (int i = 0; i < row.size(); i++) {
            String text = row.channel(i).type() == ValueType.STRING ? row.text(i) : null;
            Value value = new Value(row.channel(i).type(), row.bits(i), text, row.quality(i), true);
            int channel = channels.number(row.channel(i).name());
            sorter.add(new Entry(
                    device, row.eventTimeNs(), channel, order[0]++, fate == LedgerVisitor.Fate.IN_DOUBT, value));
        }
    }

    private void reduce(EntryCursor sorted) throws IOException {
        Counting counting = new Counting(new BufferedOutputStream(Files.newOutputStream(file), 64 << 10));
        try (DataOutputStream out = new DataOutputStream(counting)) {
            Sections writer = new Sections(out, counting);
            List<Entry> group = new ArrayList<>();
            for (Entry entry = sorted.next(); entry != null; entry = sorted.next()) {
                if (!group.isEmpty() && !entry.sameReading(group.get(0))) {
                    writer.write(reduce(group));
                    group.clear();
                }
                group.add(entry);
            }
            if (!group.isEmpty()) {
                writer.write(reduce(group));
            }
        }
    }

    /** The last accepted entry and what is in doubt after it. */
    private List<Entry> reduce(List<Entry> group) {
        Entry last = null;
        List<Entry> kept = new ArrayList<>();
        for (Entry entry : group) {
            if (entry.inDoubt()) {
                kept.add(entry);
                continue;
            }
            if (last == null) {
                distinct++;
            } else if (last.value().equalsInLedger(entry.value())) {
                duplicates++;
            } else {
                replaced++;
            }
            last = entry;
            kept.clear();
            kept.add(entry);
        }
        return kept;
    }

    Dictionary devices() {
        return devices;
    }

    Dictionary channels() {
        return channels;
    }

    LedgerTotals totals() {
        return new LedgerTotals(accepted, distinct, duplicates, replaced, rejected, inDoubt, tornBytes);
    }

    /** What is expected of a device. */
    EntryCursor of(int device) throws IOException {
        Section section = device < sections.size() ? sections.get(device) : null;
        return section == null ? new EntryFile(file, 0, 0) : new EntryFile(file, section.offset, section.count);
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(file);
    }

    private record Section(long offset, long count) {}

    /** Remembers where each device begins. */
    private final class Sections {
        private final DataOutputStream out;
        private final Counting written;

        Sections(DataOutputStream out, Counting written) {
            this.out = out;
            this.written = written;
        }

        void write(List<Entry> entries) throws IOException {
            int device = entries.get(0).device();
            while (sections.size() <= device) {
                sections.add(new Section(written.count, 0));
            }
            for (Entry entry : entries) {
                entry.writeTo(out);
            }
            Section section = sections.get(device);
            sections.set(device, new Section(section.offset, section.count + entries.size()));
        }
    }

    /** DataOutputStream's own count ends at 2 GiB. */
    private static final class Counting extends FilterOutputStream {
        private long count;

        Counting(OutputStream out) {
            super(out);
        }

        @Override
        public void write(int value) throws IOException {
            out.write(value);
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            out.write(bytes, from, length);
            count += length;
        }
    }
}
