package io.tributary.model;

/** The sequences {@code [first, first + count)} of one origin: readings numbered by their agent within an epoch. */
public record SequenceRange(long first, long count) implements Comparable<SequenceRange> {
    public SequenceRange {
        if (first < 0 || count <= 0 || first + count < 0) {
            throw new IllegalArgumentException("sequence range of " + count + " from " + first
                    + ", expected a count of at least 1 and an end up to 2^63 - 1");
        }
    }

    public static SequenceRange between(long first, long end) {
        return new SequenceRange(first, end - first);
    }

    /** Exclusive. */
    public long end() {
        return first + count;
    }

    @Override
    public int compareTo(SequenceRange other) {
        return first != other.first ? Long.compare(first, other.first) : Long.compare(count, other.count);
    }

    @Override
    public String toString() {
        return "[" + first + ", " + end() + ")";
    }
}
