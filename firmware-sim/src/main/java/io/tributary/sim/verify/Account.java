package io.tributary.sim.verify;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What a comparison found. Not thread-safe. */
public final class Account {
    /** Ways to differ. */
    public enum Difference {
        /** Acknowledged, but not in the collector. */
        LOST,
        /** The collector tells one reading twice. */
        DUPLICATED,
        /** In the collector with another value or quality. */
        ALTERED,
        /** In the collector, though no ledger knows it. */
        UNEXPECTED
    }

    static final int SAMPLES_MAX = 20;

    private final Map<Difference, Long> counts = new EnumMap<>(Difference.class);
    private final Map<Difference, List<String>> samples = new EnumMap<>(Difference.class);
    private long compared;
    private long doubtStored;
    private long doubtAbsent;

    Account() {
        for (Difference difference : Difference.values()) {
            counts.put(difference, 0L);
            samples.put(difference, new ArrayList<>());
        }
    }

    void addCompared() {
        compared++;
    }

    void addDoubt(boolean stored) {
        if (stored) {
            doubtStored++;
        } else {
            doubtAbsent++;
        }
    }

    /** @return whether a sample of it is still wanted */
    boolean count(Difference difference) {
        counts.merge(difference, 1L, Long::sum);
        return samples(difference).size() < SAMPLES_MAX;
    }

    void addSample(Difference difference, String sample) {
        samples(difference).add(sample);
    }

    void add(Account other) {
        compared += other.compared;
        doubtStored += other.doubtStored;
        doubtAbsent += other.doubtAbsent;
        for (Difference difference : Difference.values()) {
            counts.merge(difference, other.of(difference), Long::sum);
            for (String sample : other.samples(difference)) {
                if (samples(difference).size() < SAMPLES_MAX) {
                    samples(difference).add(sample);
                }
            }
        }
    }

    public long of(Difference difference) {
        return counts.getOrDefault(difference, 0L);
    }

    /** The first ones found. */
    public List<String> samples(Difference difference) {
        return samples.computeIfAbsent(difference, key -> new ArrayList<>());
    }

    /** Readings that the collector had to have. */
    public long compared() {
        return compared;
    }

    /** Readings in doubt that the collector has. */
    public long doubtStored() {
        return doubtStored;
    }

    /** Readings in doubt that the collector does not have. */
    public long doubtAbsent() {
        return doubtAbsent;
    }

    public boolean isClean() {
        return counts.values().stream().allMatch(count -> count == 0);
    }

    /** {@code lost 0 duplicated 0 altered 0 unexpected 0}. */
    public String line() {
        return "lost " + of(Difference.LOST) + " duplicated " + of(Difference.DUPLICATED) + " altered "
                + of(Difference.ALTERED) + " unexpected " + of(Difference.UNEXPECTED);
    }
}
