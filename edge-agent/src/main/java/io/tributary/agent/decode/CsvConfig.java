package io.tributary.agent.decode;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.TypeName;
import io.tributary.model.Device;
import io.tributary.model.Names;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Rows of separated values, quoted as RFC 4180 has it; a row is one line.
 *
 * @param columns their names; empty: the first line of every message has them
 * @param time the column of the event time; empty: stamped on arrival
 * @param zone of date-times without an offset
 * @param deviceColumn the column that names the device; empty: {@code device}, or the device that the address names
 * @param tags columns that are tags of the device
 * @param ignore columns that are nothing; those that are nothing of all this are channels
 * @param units by column
 */
@TypeName("csv")
public record CsvConfig(
        @Default("[]") List<String> columns,
        @Default("\",\"") String separator,
        @Default("\"\"") String time,
        @Default("auto") TimeFormat timeFormat,
        @Nullable ZoneId zone,
        @Default("\"\"") String deviceColumn,
        @Default("\"\"") String device,
        @Default("[]") List<String> tags,
        @Default("[]") List<String> ignore,
        @Default("auto") ValueKind value,
        @Default("{}") Map<String, String> units,
        @Default("1MiB") ByteSize payloadBytesMax)
        implements DecoderConfig {
    static final int COLUMNS_MAX = 1_000;

    public CsvConfig {
        columns = List.copyOf(columns);
        tags = List.copyOf(tags);
        ignore = List.copyOf(ignore);
        units = Map.copyOf(units);
        if (columns.size() > COLUMNS_MAX || new HashSet<>(columns).size() != columns.size()) {
            throw new IllegalArgumentException(
                    "columns is " + columns + ", expected at most " + COLUMNS_MAX + " different names");
        }
        if (separator.length() != 1 || "\"\r\n".contains(separator)) {
            throw new IllegalArgumentException("separator is \"" + separator + "\", expected one character");
        }
        if (tags.size() > Device.TAGS_MAX) {
            throw new IllegalArgumentException(
                    "tags has " + tags.size() + " entries, expected at most " + Device.TAGS_MAX);
        }
        if (!device.isEmpty()) {
            Names.check("device", device);
        }
        if (payloadBytesMax.bytes() < 1 || payloadBytesMax.bytes() > (16 << 20)) {
            throw new IllegalArgumentException("payload-bytes-max is " + payloadBytesMax + ", expected up to 16MiB");
        }
        if (!columns.isEmpty()) {
            expect(columns, "time", List.of(time));
            expect(columns, "device-column", List.of(deviceColumn));
            expect(columns, "tags", tags);
        }
    }

    private static void expect(List<String> columns, String key, List<String> named) {
        for (String each : named) {
            if (!each.isEmpty() && !columns.contains(each)) {
                throw new IllegalArgumentException(key + " has \"" + each + "\", expected one of columns, " + columns);
            }
        }
    }

    @Override
    public Decoder open(DecoderContext context) {
        return new CsvDecoder(this, context);
    }
}
