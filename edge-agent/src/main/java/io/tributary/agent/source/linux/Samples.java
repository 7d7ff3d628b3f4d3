package io.tributary.agent.source.linux;

import io.tributary.agent.process.Glob;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.HashSet;
import java.util.Set;

/** What one poll finds; keeps names apart and tells failures from values. */
final class Samples {
    private static final int NAME_CHARACTERS_MAX = 120;

    private final Glob wanted;
    private final BatchBuilder batch = new BatchBuilder();
    private final Set<String> names = new HashSet<>();
    private int failures;
    private String firstFailure = "";

    Samples(Device device, Glob wanted) {
        this.wanted = wanted;
        batch.row(device, Table.STAMP_ON_ARRIVAL);
    }

    /** A double, in a channel whose name is made fit for one; a name that is there already gets a number. */
    void add(String channel, String unit, double value) {
        String clean = clean(channel);
        String name = clean;
        for (int i = 2; !names.add(name); i++) {
            name = clean + "." + i;
        }
        if (wanted.matches(name)) {
            batch.set(new Channel(name, ValueType.DOUBLE, unit), value, Quality.GOOD);
        }
    }

    void failed(String what) {
        failures++;
        firstFailure = firstFailure.isEmpty() ? what : firstFailure;
    }

    private static String clean(String name) {
        String clean = name.strip().replaceAll("[\\p{Cntrl}\\s]+", "_");
        return clean.length() <= NAME_CHARACTERS_MAX ? clean : clean.substring(0, NAME_CHARACTERS_MAX);
    }

    BatchBuilder batch() {
        return batch;
    }

    int failures() {
        return failures;
    }

    String firstFailure() {
        return firstFailure;
    }
}
