package io.tributary.agent.decode;

import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.TypeName;
import io.tributary.model.Device;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON documents, one or several in a payload. {@link JsonPath} and {@link JsonText} draw what paths and texts can be.
 *
 * @param rows what one row of readings is; a payload may have many
 * @param device empty, or absent in the document: the device that the address names
 * @param time absent: stamped on arrival
 * @param tags of the device; one that the document lacks is left out
 * @param channels what is read of each row, in this order; a value that two match is of the first, and one that names
 *     device, tag, unit, channel or time is of none with wildcards
 * @param whenEmpty what to do with a payload in which none of this is
 */
@TypeName("json")
public record JsonConfig(
        @Default("\"$\"") JsonPath rows,
        @Default("\"\"") JsonText device,
        @Nullable Time time,
        @Default("{}") Map<String, JsonText> tags,
        @Default("[{path: \"**\"}]") List<ChannelPath> channels,
        @Default("dead-letter") WhenEmpty whenEmpty,
        @Default("1MiB") ByteSize payloadBytesMax)
        implements DecoderConfig {
    private static final int CHANNELS_MAX = 1_000;

    public JsonConfig {
        tags = Map.copyOf(tags);
        channels = List.copyOf(channels);
        if (rows.endsInRest()) {
            throw new IllegalArgumentException("rows is " + rows + ", expected a path without **");
        }
        if (channels.isEmpty() || channels.size() > CHANNELS_MAX) {
            throw new IllegalArgumentException(
                    "channels has " + channels.size() + " entries, expected 1 to " + CHANNELS_MAX);
        }
        if (tags.size() > Device.TAGS_MAX) {
            throw new IllegalArgumentException(
                    "tags has " + tags.size() + " entries, expected at most " + Device.TAGS_MAX);
        }
        if (device.needsCaptures() || tags.values().stream().anyMatch(JsonText::needsCaptures)) {
            throw new IllegalArgumentException("device and tags know no {1} and {path}, expected paths or {address}");
        }
        if (payloadBytesMax.bytes() < 1 || payloadBytesMax.bytes() > (16 << 20)) {
            throw new IllegalArgumentException("payload-bytes-max is " + payloadBytesMax + ", expected up to 16MiB");
        }
    }

    @Override
    public Decoder open(DecoderContext context) {
        return new JsonDecoder(this, context);
    }

    /** What to do with a payload that makes no reading. */
    public enum WhenEmpty {
        DEAD_LETTER,
        /** It is counted as skipped. */
        IGNORE
    }

    /**
     * Where the event time is.
     *
     * @param zone of date-times without an offset
     * @param whenAbsent for rows that have none
     */
    public record Time(
            JsonPath path,
            @Default("auto") TimeFormat format,
            @Nullable ZoneId zone,
            @Default("arrival") WhenAbsent whenAbsent) {
        public Time {
            if (path.hasWildcards()) {
                throw new IllegalArgumentException("path is " + path + ", expected one without wildcards");
            }
        }
    }

    /** What to do with a row without time, though the configuration says where it is. */
    public enum WhenAbsent {
        ARRIVAL,
        DEAD_LETTER
    }

    /**
     * One channel, or with wildcards several.
     *
     * @param channel its name; empty: what the wildcards took, joined by dots, or the last name of the path, behind the
     *     channel of the address if that names one
     */
    public record ChannelPath(
            JsonPath path,
            @Default("\"\"") JsonText channel,
            @Default("auto") ValueKind value,
            @Default("\"\"") JsonText unit) {}
}
