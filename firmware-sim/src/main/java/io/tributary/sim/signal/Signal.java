package io.tributary.sim.signal;

import io.tributary.model.Channel;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;

/** One simulated channel. */
abstract sealed class Signal {
    final Channel channel;
    final SignalRandom random;

    private Signal(Channel channel, SignalRandom random) {
        this.channel = channel;
        this.random = random;
    }

    /** Moves on by one interval and adds the value. */
    abstract void step(Row.Builder row);

    static double rounded(double value, double scale) {
        return Math.rint(value * scale) / scale;
    }

    /** Drifts around its mean, with noise, to 2 decimals. */
    static final class Drift extends Signal {
        private static final double PULL = 0.01;
        private final double mean;
        private double level;

        Drift(String name, SignalRandom random) {
            super(new Channel(name, ValueType.DOUBLE, "Cel"), random);
            mean = 15 + 10 * random.uniform();
            level = mean;
        }

        @Override
        void step(Row.Builder row) {
            level += 0.05 * random.bell() + PULL * (mean - level);
            row.add(channel, rounded(level + 0.02 * random.bell(), 100));
        }
    }

    /** Stays at a level and jumps to another one now and then. */
    static final class Steps extends Signal {
        private static final double JUMP = 0.02;
        private double level;

        Steps(String name, SignalRandom random) {
            super(new Channel(name, ValueType.DOUBLE, "hPa"), random);
            level = 1000;
        }

        @Override
        void step(Row.Builder row) {
            if (random.uniform() < JUMP) {
                level = 950 + 5 * random.below(21);
            }
            row.add(channel, level);
        }
    }

    /** Never decreases. */
    static final class Counter extends Signal {
        private long count;

        Counter(String name, SignalRandom random) {
            super(Channel.of(name, ValueType.LONG), random);
            count = random.below(1_000_000);
        }

        @Override
        void step(Row.Builder row) {
            count += 1 + (random.uniform() < 0.05 ? random.below(20) : 0);
            row.add(channel, count);
        }
    }

    /** One of a few words. */
    static final class State extends Signal {
        private static final String[] WORDS = {"idle", "starting", "running", "stopping", "fault"};
        private int word;

        State(String name, SignalRandom random) {
            super(Channel.of(name, ValueType.STRING), random);
            word = random.below(WORDS.length);
        }

        @Override
        void step(Row.Builder row) {
            if (random.uniform() < 0.02) {
                word = random.below(WORDS.length);
            }
            row.add(channel, WORDS[word]);
        }
    }

    /** A coordinate of something that moves, to 6 decimals. */
    static final class Coordinate extends Signal {
        private static final double DEGREES_PER_STEP = 1e-4;
        private double degrees;
        private double direction;

        /** @param reach the coordinate starts within plus and minus so many degrees */
        Coordinate(String name, double reach, SignalRandom random) {
            super(new Channel(name, ValueType.DOUBLE, "deg"), random);
            degrees = reach * (2 * random.uniform() - 1);
            direction = 2 * Math.PI * random.uniform();
        }

        @Override
        void step(Row.Builder row) {
            direction += 0.05 * random.bell();
            degrees += DEGREES_PER_STEP * Math.sin(direction);
            row.add(channel, rounded(degrees, 1e6));
        }
    }

    /** On or off. */
    static final class Switch extends Signal {
        private boolean on;

        Switch(String name, SignalRandom random) {
            super(Channel.of(name, ValueType.BOOL), random);
            on = random.uniform() < 0.5;
        }

        @Override
        void step(Row.Builder row) {
            if (random.uniform() < 0.01) {
                on = !on;
            }
            row.add(channel, on);
        }
    }
}
