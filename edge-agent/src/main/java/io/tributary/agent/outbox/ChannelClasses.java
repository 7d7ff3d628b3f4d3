package io.tributary.agent.outbox;

import io.tributary.agent.process.Glob;
import io.tributary.agent.process.ReadingCursor;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Splits batches by the priority of their channels, so that what gives way first lies in batches of its own. One thread.
 */
final class ChannelClasses {
    /** Series remembered; above it the memory begins anew. */
    private static final int REMEMBERED_MAX = 4096;

    private record Pattern(List<Glob> channels, List<Glob> devices, int priority) {}

    private record Series(String device, String channel) {}

    private final List<Pattern> patterns;
    private final Map<Series, Integer> remembered = new HashMap<>();

    ChannelClasses(List<ChannelClass> classes) {
        patterns = classes.stream()
                .map(each -> new Pattern(
                        each.channels().stream().map(Glob::parse).toList(),
                        each.devices().stream().map(Glob::parse).toList(),
                        each.priority()))
                .toList();
    }

    boolean isEmpty() {
        return patterns.isEmpty();
    }

    int priority(String device, String channel) {
        if (remembered.size() >= REMEMBERED_MAX) {
            remembered.clear();
        }
        return remembered.computeIfAbsent(new Series(device, channel), this::firstMatch);
    }

    private int firstMatch(Series series) {
        for (Pattern pattern : patterns) {
            if (pattern.channels().stream().anyMatch(glob -> glob.matches(series.channel()))
                    && pattern.devices().stream().anyMatch(glob -> glob.matches(series.device()))) {
                return pattern.priority();
            }
        }
        return ChannelClass.DEFAULT_PRIORITY;
    }

    /**
     * The batch's readings by priority, in their order.
     *
     * @return for each priority its readings, null where there are none
     */
    @org.jspecify.annotations.Nullable
    Batch[] split(Batch batch) {
        Batch[] parts = new Batch[ChannelClass.PRIORITIES];
        int[][] priorities = new int[batch.devices().size()][];
        int only = -1;
        boolean mixed = false;
        for (ReadingCursor each = new ReadingCursor(batch); each.next() && !mixed; ) {
            int priority = priority(each, priorities, batch.channels().size());
            mixed = only >= 0 && priority != only;
            only = priority;
        }
        if (!mixed) {
            if (only >= 0) {
                parts[only] = batch;
            }
            return parts;
        }
        BatchBuilder[] builders = new BatchBuilder[parts.length];
        boolean[] open = new boolean[parts.length];
        for (ReadingCursor each = new ReadingCursor(batch); each.next(); ) {
            if (each.startsRow()) {
                Arrays.fill(open, false);
            }
            int priority = priority(each, priorities, batch.channels().size());
            if (builders[priority] == null) {
                builders[priority] = new BatchBuilder();
            }
            if (!open[priority]) {
                open[priority] = true;
                builders[priority].row(each.device(), each.eventNs(), each.edgeNs());
            }
            ReadingCursor.set(builders[priority], each.channel(), each.bits(), each.text(), each.quality());
        }
        for (int i = 0; i < parts.length; i++) {
            parts[i] = builders[i] == null ? null : builders[i].build();
        }
        return parts;
    }

    private int priority(ReadingCursor at, int[][] known, int channels) {
        int device = at.deviceIndex();
        if (known[device] == null) {
            known[device] = new int[channels];
            Arrays.fill(known[device], -1);
        }
        int channel = at.channelIndex();
        if (known[device][channel] < 0) {
            known[device][channel] = priority(at.device().id(), at.channel().name());
        }
        return known[device][channel];
    }
}
