package io.tributary.agent.process;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The states of all series that rules match, bounded: those heard of least recently are forgotten, their windows closed.
 * Guarded by its {@link Processing}.
 */
final class SeriesStates {
    /** Some 300 bytes each with a window: 6 MiB. */
    static final int MAX = 20_000;

    private final LinkedHashMap<Key, SeriesState> states = new LinkedHashMap<>(16, 0.75f, true);
    private final Consumer<Emission> results;
    private long windowReadings;
    private long forgotten;

    /** A series by its names. */
    record Key(String device, String channel) {}

    SeriesStates(Consumer<Emission> results) {
        this.results = results;
    }

    /** Made if need be. */
    SeriesState get(Key key) {
        SeriesState state = states.get(key);
        if (state == null) {
            state = new SeriesState();
            states.put(key, state);
            if (states.size() > MAX) {
                Iterator<Map.Entry<Key, SeriesState>> oldest = states.entrySet().iterator();
                SeriesState old = oldest.next().getValue();
                oldest.remove();
                close(old);
                forgotten++;
            }
        }
        return state;
    }

    void counted(int readings) {
        windowReadings += readings;
    }

    void close(SeriesState state) {
        OpenWindow window = state.window;
        if (window != null) {
            windowReadings -= window.count();
            window.close(results);
            state.window = null;
        }
    }

    void emit(Emission emission) {
        results.accept(emission);
    }

    void closeIdle(long monotonicNs) {
        for (SeriesState state : states.values()) {
            OpenWindow window = state.window;
            if (window != null && window.isIdle(monotonicNs)) {
                close(state);
            }
        }
    }

    void closeAll() {
        states.values().forEach(this::close);
    }

    int size() {
        return states.size();
    }

    long windowReadings() {
        return windowReadings;
    }

    /** Since the last call. */
    long takeForgotten() {
        long count = forgotten;
        forgotten = 0;
        return count;
    }
}
