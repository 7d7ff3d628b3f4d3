package io.tributary.agent.process;

import io.tributary.config.Default;
import io.tributary.model.Names;
import io.tributary.model.ValueType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happens when a channel is not what it was, or not what it should be; section {@code schema}. Every change is an
 * event: counted, and logged within a bound.
 *
 * @param unknownChannel of a channel that none of {@code channels} matches; without those, every channel is known
 * @param typeChange convert: to the type the channel had, where no digit is lost; else as dead-letter
 * @param unitChange convert: numbers to the unit the channel had, where both are known; else as dead-letter. A reading
 *     without unit changes nothing
 * @param seriesMax of how many series type and unit are kept, those heard of least recently are forgotten; 200 bytes each
 */
public record SchemaOptions(
        @Default("accept") UnknownPolicy unknownChannel,
        @Default("accept") ChangePolicy typeChange,
        @Default("accept") ChangePolicy unitChange,
        @Default("20000") int seriesMax,
        @Default("[]") List<Declared> channels) {
    private static final int SERIES_MOST = 1_000_000;

    public SchemaOptions {
        channels = List.copyOf(channels);
        if (seriesMax < 1 || seriesMax > SERIES_MOST) {
            throw new IllegalArgumentException("series-max is " + seriesMax + ", expected 1 to " + SERIES_MOST);
        }
        if (channels.isEmpty() && unknownChannel != UnknownPolicy.ACCEPT) {
            throw new IllegalArgumentException("unknown-channel is dead-letter without channels: all would be unknown");
        }
    }

    /**
     * What channels are; the first that matches counts.
     *
     * @param type absent: as the first reading has it
     * @param unit empty: as the first reading has it
     */
    public record Declared(
            @Default("\"*\"") Glob device,
            Glob channel,
            @Nullable ValueType type,
            @Default("\"\"") String unit) {
        public Declared {
            if (!unit.isEmpty()) {
                Names.check("unit", unit);
            }
        }
    }

    public enum UnknownPolicy {
        ACCEPT,
        DEAD_LETTER
    }

    public enum ChangePolicy {
        ACCEPT,
        CONVERT,
        DEAD_LETTER
    }
}
