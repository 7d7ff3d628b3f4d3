package io.tributary.collector.query;

import io.tributary.collector.storage.LatestReadings;
import io.tributary.collector.storage.SummaryReader;
import java.io.IOException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Answers one question for latest readings, device by device. */
final class LatestReader {
    private final SummaryReader summaries;
    private final SeriesSelector series;
    private final QueryRun run;
    private final RowSink sink;
    private final ReadingRow row = new ReadingRow();

    /** Of the device before, whose channels the next one has, nearly always. */
    private @Nullable LatestReadings before;

    private int[] selected = {};

    LatestReader(SummaryReader summaries, SeriesSelector series, QueryRun run, RowSink sink) {
        this.summaries = summaries;
        this.series = series;
        this.run = run;
        this.sink = sink;
    }

    /** @return false when the sink wants no more */
    boolean readDevice(String device) throws IOException {
        LatestReadings latest = summaries.latest(device);
        if (before == null || !latest.hasChannelsOf(before)) {
            selected = select(latest);
        }
        before = latest;
        run.scanned(selected.length);
        for (int index : selected) {
            row.set(device, latest, index);
            if (!sink.row(row)) {
                return false;
            }
        }
        return true;
    }

    private int[] select(LatestReadings latest) {
        int[] indexes = new int[latest.size()];
        int size = 0;
        for (int i = 0; i < latest.size(); i++) {
            if (series.selectsChannel(latest.channel(i).name())) {
                indexes[size++] = i;
            }
        }
        return Arrays.copyOf(indexes, size);
    }
}
