package io.tributary.sim.verify;

import io.tributary.sim.verify.Account.Difference;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares one device: what is expected of it with what the collector tells, both in order. */
final class DeviceComparison {
    private final Expectations expectations;
    private final CollectorReadings collector;
    private final Path directory;
    private final int bufferedMax;

    DeviceComparison(Expectations expectations, CollectorReadings collector, Path directory, int bufferedMax) {
        this.expectations = expectations;
        this.collector = collector;
        this.directory = directory;
        this.bufferedMax = bufferedMax;
    }

    Account compare(int device) throws IOException, InterruptedException {
        Account account = new Account();
        try (SpillSorter told = new SpillSorter(directory, bufferedMax)) {
            long[] order = {0};
            Dictionary channels = expectations.channels();
            collector.read(
                    expectations.devices().name(device),
                    (of, channel, timeNs, value) ->
                            told.add(new Entry(device, timeNs, channels.number(channel), order[0]++, false, value)));
            try (Groups expected = new Groups(expectations.of(device));
                    Groups actual = new Groups(told.sorted())) {
                compare(expected, actual, account);
            }
        }
        return account;
    }

    private void compare(Groups expected, Groups actual, Account account) throws IOException {
        List<Entry> wanted = expected.next();
        List<Entry> found = actual.next();
        while (!wanted.isEmpty() || !found.isEmpty()) {
            int side = wanted.isEmpty() ? 1 : found.isEmpty() ? -1 : Entry.ORDER.compare(first(wanted), first(found));
            compare(side <= 0 ? wanted : List.of(), side >= 0 ? found : List.of(), account);
            wanted = side <= 0 ? expected.next() : wanted;
            found = side >= 0 ? actual.next() : found;
        }
    }

    /** Of equal order, whatever came first. */
    private static Entry first(List<Entry> group) {
        Entry entry = group.get(0);
        return new Entry(entry.device(), entry.timeNs(), entry.channel(), 0, entry.inDoubt(), entry.value());
    }

    /** One reading: what is expected of it, and what was told. */
    private void compare(List<Entry> wanted, List<Entry> found, Account account) {
        boolean required = !wanted.isEmpty() && !wanted.get(0).inDoubt();
        if (required) {
            account.addCompared();
        }
        for (Entry entry : wanted) {
            if (entry.inDoubt()) {
                account.addDoubt(
                        !found.isEmpty() && entry.value().isToldAs(found.get(0).value()));
            }
        }
        if (found.isEmpty()) {
            if (required) {
                tell(
                        account,
                        Difference.LOST,
                        wanted.get(0),
                        "expected " + wanted.get(0).value());
            }
            return;
        }
        Entry told = found.get(0);
        if (wanted.isEmpty()) {
            tell(account, Difference.UNEXPECTED, told, "found " + told.value());
        } else if (wanted.stream().noneMatch(entry -> entry.value().isToldAs(told.value()))) {
            tell(account, Difference.ALTERED, told, "expected " + wanted.get(0).value() + ", found " + told.value());
        }
        for (Entry again : found.subList(1, found.size())) {
            tell(account, Difference.DUPLICATED, again, "found " + told.value() + " and " + again.value());
        }
    }

    private void tell(Account account, Difference difference, Entry entry, String what) {
        if (account.count(difference)) {
            Instant time = Instant.ofEpochSecond(
                    Math.floorDiv(entry.timeNs(), 1_000_000_000L), Math.floorMod(entry.timeNs(), 1_000_000_000L));
            account.addSample(
                    difference,
                    expectations.devices().name(entry.device()) + " "
                            + expectations.channels().name(entry.channel()) + " " + time + ": " + what);
        }
    }

    /** Neighbouring entries of the same reading; an empty group at the end. */
    private static final class Groups implements AutoCloseable {
        private final EntryCursor cursor;
        private @Nullable Entry next;

        Groups(EntryCursor cursor) throws IOException {
            this.cursor = cursor;
            this.next = cursor.next();
        }

        List<Entry> next() throws IOException {
            List<Entry> group = new ArrayList<>(1);
            while (next != null && (group.isEmpty() || next.sameReading(group.get(0)))) {
                group.add(next);
                next = cursor.next();
            }
            return group;
        }

        @Override
        public void close() throws IOException {
            cursor.close();
        }
    }
}
