package io.tributary.sim.replay;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.config.Default;
import io.tributary.model.Channel;
import io.tributary.model.Names;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * What device, time and channels are in the files of a data set; bound from YAML, see the module's README.
 *
 * @param delimiter one character
 * @param quote one character
 * @param header whether the first line names the columns; else {@code columns} does
 * @param columns names, of files without a header
 * @param comment lines before the header or the first row that start so are skipped; empty: there are none
 * @param missing cells that mean that there is no value
 */
public record Mapping(
        @Default("csv") Format format,
        @Default("','") String delimiter,
        @Default("'\"'") String quote,
        @Default("true") boolean header,
        @Default("[]") List<String> columns,
        @Default("''") String comment,
        DeviceMapping device,
        TimeMapping time,
        @Default("['']") List<String> missing,
        @Default("[]") List<ChannelMapping> channels) {
    /** How a file is written. */
    public enum Format {
        CSV,
        LINE_PROTOCOL
    }

    /** Unit of times that are numbers. */
    public enum Epoch {
        S(1_000_000_000L),
        MS(1_000_000L),
        US(1_000L),
        NS(1L);

        final long nanos;

        Epoch(long nanos) {
            this.nanos = nanos;
        }
    }

    public Mapping {
        one("delimiter", delimiter);
        one("quote", quote);
        if (format == Format.CSV) {
            checkCsv(header, columns, device, time, channels);
        } else {
            if (device.tag() == null) {
                throw new IllegalArgumentException("line protocol needs device.tag, the tag that holds the device ID");
            }
            if (!channels.isEmpty() || time.pattern() != null || !time.columns().isEmpty()) {
                throw new IllegalArgumentException(
                        "line protocol names its channels and times itself; expected device.tag and time.epoch only");
            }
        }
    }

    private static void checkCsv(
            boolean header,
            List<String> columns,
            DeviceMapping device,
            TimeMapping time,
            List<ChannelMapping> channels) {
        if (device.tag() != null) {
            throw new IllegalArgumentException("device.tag is for line protocol; expected column, file-name or id");
        }
        if (header != columns.isEmpty()) {
            throw new IllegalArgumentException("expected either a header line or the names of the columns in columns");
        }
        if (time.columns().isEmpty()) {
            throw new IllegalArgumentException("time.columns is empty, expected at least one column");
        }
        if (channels.isEmpty()) {
            throw new IllegalArgumentException("channels is empty, expected at least one channel");
        }
        Set<String> names = new HashSet<>();
        for (ChannelMapping channel : channels) {
            if (!names.add(channel.channel().name())) {
                throw new IllegalArgumentException(
                        "two channels have the name \"" + channel.channel().name() + "\"");
            }
        }
    }

    private static void one(String what, String text) {
        if (text.length() != 1 || text.equals("\n") || text.equals("\r")) {
            throw new IllegalArgumentException(what + " \"" + text + "\", expected one character");
        }
    }

    /** For line protocol files that name their device in the tag {@code device}, with times in ns. */
    public static Mapping lineProtocol() {
        return new Mapping(
                Format.LINE_PROTOCOL,
                ",",
                "\"",
                true,
                List.of(),
                "",
                new DeviceMapping(null, null, null, "device", "", Map.of()),
                new TimeMapping(List.of(), null, Epoch.NS, ZoneId.of("UTC")),
                List.of(""),
                List.of());
    }

    /**
     * Reads a mapping file, or one of the shipped mappings when {@code nameOrFile} is a bare name like {@code nab}.
     *
     * @throws ConfigException with every problem of the file
     */
    public static Mapping load(String nameOrFile) throws ConfigException, IOException {
        if (nameOrFile.matches("[a-z0-9-]+") && !Path.of(nameOrFile).toFile().isFile()) {
            String resource = "/mappings/" + nameOrFile + ".yaml";
            try (InputStream in = Mapping.class.getResourceAsStream(resource)) {
                if (in != null) {
                    String yaml = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                    return ConfigReader.parse(yaml, nameOrFile + ".yaml", Mapping.class);
                }
            }
        }
        return ConfigReader.read(Path.of(nameOrFile), Mapping.class);
    }

    /**
     * Where the device ID is; exactly one of the first four.
     *
     * @param fileName a pattern that the whole file name, without directory and .gz, has to match; its first group is the
     *     ID
     * @param id of a file that is one device
     * @param tag of line protocol
     * @param prefix put before what was found
     * @param tags of every device
     */
    public record DeviceMapping(
            @Nullable String column,
            @Nullable String fileName,
            @Nullable String id,
            @Nullable String tag,
            @Default("''") String prefix,
            @Default("{}") Map<String, String> tags) {
        public DeviceMapping {
            int given = (column == null ? 0 : 1) + (fileName == null ? 0 : 1) + (id == null ? 0 : 1);
            if (given + (tag == null ? 0 : 1) != 1) {
                throw new IllegalArgumentException("expected exactly one of column, file-name, id and tag");
            }
            if (fileName != null) {
                try {
                    if (Pattern.compile(fileName).matcher("").groupCount() < 1) {
                        throw new IllegalArgumentException(
                                "file-name \"" + fileName + "\" has no group, expected one around the device ID");
                    }
                } catch (PatternSyntaxException e) {
                    throw new IllegalArgumentException("file-name is no pattern: " + e.getDescription(), e);
                }
            }
            if (id != null) {
                Names.check("device ID", id);
            }
            tags = Map.copyOf(tags);
        }
    }

    /**
     * How the event time is written.
     *
     * @param columns their cells, joined by a space, are the time
     * @param pattern of {@link java.time.format.DateTimeFormatter}; or {@code epoch}
     * @param epoch unit of a number since 1970
     * @param zone of times without an offset of their own; where clocks are set back, the first of two is meant
     */
    public record TimeMapping(
            @Default("[]") List<String> columns,
            @Nullable String pattern,
            @Nullable Epoch epoch,
            @Default("UTC") ZoneId zone) {
        public TimeMapping {
            if ((pattern == null) == (epoch == null)) {
                throw new IllegalArgumentException("expected exactly one of pattern and epoch");
            }
            if (epoch != null && columns.size() > 1) {
                throw new IllegalArgumentException("epoch with " + columns.size() + " columns, expected one");
            }
            if (pattern != null) {
                try {
                    TimeParser.formatter(pattern);
                } catch (IllegalArgumentException | DateTimeException e) {
                    throw new IllegalArgumentException("pattern \"" + pattern + "\": " + e.getMessage(), e);
                }
            }
        }
    }

    /**
     * A column that is a channel.
     *
     * @param name of the channel; the column's name when absent
     */
    public record ChannelMapping(
            String column,
            @Nullable String name,
            @Default("double") ValueType type,
            @Default("''") String unit) {
        public ChannelMapping {
            Names.check("channel name", name == null ? column : name);
            if (!unit.isEmpty()) {
                Names.check("unit", unit);
            }
        }

        public Channel channel() {
            return new Channel(name == null ? column : name, type, unit);
        }
    }
}
