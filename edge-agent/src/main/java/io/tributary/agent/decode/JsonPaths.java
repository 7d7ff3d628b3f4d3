package io.tributary.agent.decode;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All paths of one configuration, numbered: those of the channels first, in their order, then the ones in texts and the
 * time. Those that begin at the row are put below the rows' path. Immutable.
 */
final class JsonPaths {
    private final JsonPath rows;
    private final List<JsonPath> paths = new ArrayList<>();
    private final List<Boolean> wild = new ArrayList<>();
    private final List<int[]> wildcards = new ArrayList<>();
    private final Map<JsonPath, Integer> ofTexts = new HashMap<>();
    private final int time;

    JsonPaths(JsonConfig config) {
        rows = config.rows();
        for (JsonConfig.ChannelPath channel : config.channels()) {
            add(channel.path());
        }
        JsonConfig.Time where = config.time();
        time = where == null ? -1 : number(where.path());
        texts(config.device());
        config.tags().values().forEach(this::texts);
        for (JsonConfig.ChannelPath channel : config.channels()) {
            texts(channel.channel());
            texts(channel.unit());
        }
    }

    private void texts(JsonText text) {
        for (JsonText.Part part : text.parts()) {
            JsonPath path = part.path();
            if (path != null) {
                number(path);
            }
        }
    }

    private int number(JsonPath path) {
        Integer known = ofTexts.get(path);
        return known != null ? known : add(path);
    }

    private int add(JsonPath path) {
        boolean isRow = rows.steps().isEmpty();
        JsonPath whole = isRow ? JsonPath.of(path.toString(), false, path.steps()) : path.below(rows);
        List<Integer> at = new ArrayList<>();
        for (int i = 0; i < whole.steps().size(); i++) {
            if (whole.steps().get(i).kind() == JsonPath.Kind.ANY) {
                at.add(i);
            }
        }
        paths.add(whole);
        wild.add(path.hasWildcards());
        wildcards.add(at.stream().mapToInt(Integer::intValue).toArray());
        ofTexts.putIfAbsent(path, paths.size() - 1);
        return paths.size() - 1;
    }

    JsonPath rows() {
        return rows;
    }

    int size() {
        return paths.size();
    }

    /** From the document on. */
    JsonPath path(int number) {
        return paths.get(number);
    }

    /** Whether it has wildcards of its own, beside those of the rows. */
    boolean isWild(int number) {
        return wild.get(number);
    }

    /** Levels of the wildcards, those of the rows included; {@code **} is none of them. */
    int[] wildcards(int number) {
        return wildcards.get(number);
    }

    /** -1 without. */
    int time() {
        return time;
    }

    int ofText(JsonPath path) {
        Integer number = ofTexts.get(path);
        if (number == null) {
            throw new IllegalStateException("BUG: path " + path + " is not numbered");
        }
        return number;
    }
}
