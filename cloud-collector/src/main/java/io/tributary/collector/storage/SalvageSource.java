package io.tributary.collector.storage;

import io.tributary.rocks.TableFile;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Versions of keys in the order of keys, the newest of each first: those of a table, or of the write-ahead logs. */
final class SalvageSource {
    static final Comparator<TableFile.Entry> ORDER = (a, b) -> {
        int order = Arrays.compareUnsigned(a.key(), b.key());
        return order != 0 ? order : Long.compare(b.sequence(), a.sequence());
    };

    private final Supplier<TableFile.@Nullable Entry> following;
    private TableFile.@Nullable Entry head;

    private SalvageSource(Supplier<TableFile.@Nullable Entry> following) {
        this.following = following;
        this.head = following.get();
    }

    /** @param wanted what counts of it */
    static SalvageSource of(TableFile table, Predicate<TableFile.Entry> wanted) {
        TableFile.Cursor cursor = table.entries();
        return new SalvageSource(() -> {
            TableFile.Entry entry = cursor.next();
            while (entry != null && !wanted.test(entry)) {
                entry = cursor.next();
            }
            return entry;
        });
    }

    static SalvageSource of(List<TableFile.Entry> inOrder) {
        Iterator<TableFile.Entry> each = inOrder.iterator();
        return new SalvageSource(() -> each.hasNext() ? each.next() : null);
    }

    /** Null at the end. */
    TableFile.@Nullable Entry head() {
        return head;
    }

    /** Of one that is not at its end. */
    TableFile.Entry first() {
        return Objects.requireNonNull(head);
    }

    void advance() {
        head = following.get();
    }
}
