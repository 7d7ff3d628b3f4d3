package io.tributary.agent.decode;

import io.tributary.agent.decode.JsonWalk.Found;
import io.tributary.agent.decode.JsonWalk.Hit;
import io.tributary.model.Table;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was found in one document, as readings: row by row, each with what stands in the document once for all. Values
 * from the document beside several rows are a row of their own, before them.
 */
final class JsonRows {
    private final JsonConfig config;
    private final JsonPaths paths;
    private final List<Hit> hits;
    private final int rowCount;
    private final Message.Names names;
    private final DecoderContext context;
    /** Of the row at hand, by path. */
    private final @Nullable Hit[] single;

    JsonRows(JsonConfig config, JsonPaths paths, JsonWalk walk, Message.Names names, DecoderContext context) {
        this.config = config;
        this.paths = paths;
        this.hits = walk.hits();
        this.rowCount = walk.rows();
        this.names = names;
        this.context = context;
        this.single = new @Nullable Hit[paths.size()];
    }

    void addTo(Readings readings) throws MalformedException {
        for (Hit hit : hits) {
            if (hit.row() < 0 && !paths.isWild(hit.path())) {
                single[hit.path()] = hit;
            }
        }
        @Nullable Hit[] ofDocument = single.clone();
        List<Hit> beside = hits.stream()
                .filter(hit -> hit.row() < 0 && hit.path() < config.channels().size())
                .toList();
        if (!beside.isEmpty()) {
            row(readings, beside);
        }
        int at = 0;
        for (int row = 0; row < rowCount; row++) {
            System.arraycopy(ofDocument, 0, single, 0, single.length);
            Hit[] ofRow = new Hit[8];
            int size = 0;
            for (; at < hits.size() && hits.get(at).row() <= row; at++) {
                Hit hit = hits.get(at);
                if (hit.row() == row) {
                    ofRow = size == ofRow.length ? Arrays.copyOf(ofRow, size * 2) : ofRow;
                    ofRow[size++] = hit;
                    if (!paths.isWild(hit.path())) {
                        single[hit.path()] = hit;
                    }
                }
            }
            row(readings, Arrays.asList(ofRow).subList(0, size));
        }
    }

    private void row(Readings readings, List<Hit> found) throws MalformedException {
        boolean open = false;
        for (Hit hit : found) {
            if (hit.path() >= config.channels().size()) {
                continue;
            }
            if (hit.found() == Found.NULL) {
                context.metrics().skipped.labelValues(context.source(), "null").inc();
                continue;
            }
            if (!open) {
                open = true;
                openRow(readings);
            }
            value(readings, hit);
        }
    }

    private void openRow(Readings readings) throws MalformedException {
        String device = text(config.device(), null);
        if (device == null && names.device().isEmpty()) {
            throw new MalformedException("no device at " + config.device() + ", expected one there or in the address");
        }
        Map<String, String> tags = new HashMap<>();
        for (Map.Entry<String, JsonText> tag : config.tags().entrySet()) {
            String value = text(tag.getValue(), null);
            if (value != null) {
                tags.put(tag.getKey(), value);
            }
        }
        readings.row(device == null ? "" : device, tags, time());
    }

    private long time() throws MalformedException {
        JsonConfig.Time where = config.time();
        if (where == null) {
            return Table.STAMP_ON_ARRIVAL;
        }
        Hit hit = single[paths.time()];
        if (hit == null || hit.found() == Found.NULL) {
            if (where.whenAbsent() == JsonConfig.WhenAbsent.DEAD_LETTER) {
                throw new MalformedException("no time at " + where.path());
            }
            return Table.STAMP_ON_ARRIVAL;
        }
        if (hit.found() != Found.STRING && hit.found() != Found.NUMBER) {
            throw new MalformedException(where.path() + " is " + described(hit) + ", expected a time");
        }
        return EpochTimes.ns(hit.text(), where.format(), where.zone());
    }

    private void value(Readings readings, Hit hit) throws MalformedException {
        JsonConfig.ChannelPath channel = config.channels().get(hit.path());
        String name = channel.channel().isEmpty() ? derived(channel, hit) : text(channel.channel(), hit);
        String unit = text(channel.unit(), hit);
        if (name == null) {
            throw new MalformedException("no channel name at " + channel.channel());
        }
        if (hit.found() == Found.CONTAINER) {
            throw new MalformedException(
                    "channel \"" + ValueTexts.shown(name) + "\" is an object or array, expected a value");
        }
        ValueKind kind = channel.value();
        String text = hit.text();
        if (hit.found() == Found.NUMBER && kind == ValueKind.AUTO) {
            kind = ValueKind.DOUBLE;
        } else if (hit.found() == Found.BOOL && (kind == ValueKind.DOUBLE || kind == ValueKind.LONG)) {
            text = text.equals("true") ? "1" : "0";
        }
        readings.addText(name, unit == null ? "" : unit, kind, text, hit.found() == Found.STRING);
    }

    /** The name of a channel whose configuration gives none. */
    private String derived(JsonConfig.ChannelPath channel, Hit hit) {
        String own = channel.path().lastName();
        if (channel.path().hasWildcards()) {
            List<String> segments = hit.segments();
            int[] wildcards = paths.wildcards(hit.path());
            StringBuilder joined = new StringBuilder();
            for (int level : wildcards) {
                if (level >= config.rows().steps().size()
                        || paths.path(hit.path()).isRoot()) {
                    joined.append(joined.isEmpty() ? "" : ".").append(segments.get(level));
                }
            }
            if (channel.path().endsInRest()) {
                joined.append(joined.isEmpty() ? "" : ".").append(rest(hit));
            }
            own = joined.toString();
        } else if (!names.channel().isEmpty() && config.channels().size() == 1) {
            return names.channel();
        }
        return names.channel().isEmpty() || own.isEmpty()
                ? own + (own.isEmpty() ? names.channel() : "")
                : names.channel() + "." + own;
    }

    private String rest(Hit hit) {
        int from = paths.path(hit.path()).steps().size() - 1;
        return String.join(
                ".",
                hit.segments()
                        .subList(
                                Math.min(from, hit.segments().size()),
                                hit.segments().size()));
    }

    /** @return null when something that it needs is not there, and for an empty text */
    private @Nullable String text(JsonText text, @Nullable Hit hit) throws MalformedException {
        if (text.parts().isEmpty()) {
            return null;
        }
        StringBuilder whole = new StringBuilder();
        for (JsonText.Part part : text.parts()) {
            String piece = switch (part.kind()) {
                case LITERAL -> part.literal();
                case ADDRESS -> names.channel();
                case REST -> hit == null || hit.segments().isEmpty() ? "" : rest(hit);
                case CAPTURE -> hit == null ? "" : capture(hit, part.capture());
                case PATH -> at(part.path());
            };
            if (piece == null) {
                return null;
            }
            whole.append(piece);
        }
        return whole.toString();
    }

    private String capture(Hit hit, int number) throws MalformedException {
        int[] wildcards = paths.wildcards(hit.path());
        if (number > wildcards.length) {
            throw new MalformedException("{" + number + "} in a name, but only " + wildcards.length + " wildcards");
        }
        return hit.segments().get(wildcards[number - 1]);
    }

    private @Nullable String at(@Nullable JsonPath path) throws MalformedException {
        Hit hit = path == null ? null : single[paths.ofText(path)];
        if (hit == null || hit.found() == Found.NULL || hit.text().isEmpty()) {
            if (hit != null && hit.found() == Found.CONTAINER) {
                throw new MalformedException(path + " is " + described(hit) + ", expected a text");
            }
            return null;
        }
        return hit.text();
    }

    private static String described(Hit hit) {
        return switch (hit.found()) {
            case CONTAINER -> "an object or array";
            case NULL -> "null";
            default -> "\"" + ValueTexts.shown(hit.text()) + "\"";
        };
    }
}
