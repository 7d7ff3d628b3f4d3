package io.tributary.agent.decode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Goes through a document once and notes what is at the wanted paths; the rest is skipped without being built. All paths
 * move down together, one step per level:
 *
 * <pre>
 * level  0 document      paths [rows 0] [$.id 0]
 *        1 "sensors"     paths [rows 1]
 *        2 [0]           rows complete: row 0 begins, the paths of rows join
 * </pre>
 *
 * One use, one thread.
 */
final class JsonWalk {
    /** What is noted of values; no name in it: 40 bytes and the text. */
    static final int HITS_MAX = 2 * Readings.MAX;

    /** The type of a noted value. */
    enum Found {
        STRING,
        NUMBER,
        BOOL,
        NULL,
        CONTAINER
    }

    /**
     * A value at a path.
     *
     * @param row from 0; -1 for paths from the document
     * @param segments names and indexes that lead there; for paths without wildcards, to the row
     */
    record Hit(int path, int row, Found found, String text, List<String> segments) {}

    private final JsonPaths paths;
    private final List<Hit> hits = new ArrayList<>();
    /** Of each row, the names and indexes that lead to it. */
    private final List<List<String>> rows = new ArrayList<>();

    private final List<String> segments = new ArrayList<>();
    private int row = -1;

    JsonWalk(JsonPaths paths) {
        this.paths = paths;
    }

    /** At the document's first token; leaves it at the last. */
    void document(JsonParser parser) throws MalformedException {
        int[] active = new int[paths.size() + 1];
        int count = 0;
        for (int i = 0; i < paths.size(); i++) {
            if (paths.path(i).isRoot()) {
                active[count++] = i;
            }
        }
        node(parser, parser.currentToken(), active, count, true);
    }

    List<Hit> hits() {
        return hits;
    }

    int rows() {
        return rows.size();
    }

    /**
     * @param active paths that have come as far as this level
     * @param mayBeRow whether the rows' own path has, too
     */
    private void node(JsonParser parser, JsonToken token, int[] active, int count, boolean mayBeRow)
            throws MalformedException {
        int[] here = active;
        int size = count;
        boolean beginsRow = mayBeRow && segments.size() == paths.rows().steps().size();
        if (beginsRow) {
            row = rows.size();
            rows.add(List.copyOf(segments));
            if (rows.size() > Readings.MAX) {
                throw new MalformedException("more than " + Readings.MAX + " rows");
            }
            here = Arrays.copyOf(active, active.length + paths.size());
            for (int i = 0; i < paths.size(); i++) {
                if (!paths.path(i).isRoot()) {
                    here[size++] = i;
                }
            }
        }
        boolean container = token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY;
        note(parser, token, here, size, container);
        if (container) {
            children(parser, token == JsonToken.START_OBJECT, here, size, mayBeRow && !beginsRow);
        }
        if (beginsRow) {
            row = -1;
        }
    }

    private void children(JsonParser parser, boolean object, int[] active, int count, boolean aboveRows)
            throws MalformedException {
        if (count == 0 && !aboveRows) {
            parser.skipChildren();
            return;
        }
        JsonToken end = object ? JsonToken.END_OBJECT : JsonToken.END_ARRAY;
        int depth = segments.size();
        int[] next = new int[count];
        int index = 0;
        for (JsonToken token = parser.nextToken(); token != end; token = parser.nextToken(), index++) {
            String name = "";
            if (object) {
                name = String.valueOf(parser.currentName());
                token = parser.nextToken();
            }
            int size = 0;
            for (int i = 0; i < count; i++) {
                if (leads(paths.path(active[i]), depth, object, name, index)) {
                    next[size++] = active[i];
                }
            }
            boolean rowsLead = aboveRows && leads(paths.rows(), depth, object, name, index);
            if (size == 0 && !rowsLead) {
                parser.skipChildren();
                continue;
            }
            segments.add(object ? name : Integer.toString(index));
            node(parser, token, Arrays.copyOf(next, size), size, rowsLead);
            segments.remove(depth);
        }
    }

    private static boolean leads(JsonPath path, int depth, boolean object, String name, int index) {
        if (depth >= path.steps().size()) {
            return path.endsInRest();
        }
        JsonPath.Step step = path.steps().get(depth);
        return switch (step.kind()) {
            case NAME -> object && step.name().equals(name);
            case INDEX -> !object && step.index() == index;
            case ANY, REST -> true;
        };
    }

    /** A value is noted for every path without wildcards that ends here, else for the first with. */
    private void note(JsonParser parser, JsonToken token, int[] active, int count, boolean container)
            throws MalformedException {
        int depth = segments.size();
        int wild = -1;
        boolean claimed = false;
        for (int i = 0; i < count; i++) {
            JsonPath path = paths.path(active[i]);
            boolean ends = depth == path.steps().size()
                    || (path.endsInRest() && depth > path.steps().size());
            if (ends && !paths.isWild(active[i])) {
                hit(active[i], parser, token, row < 0 ? List.of() : rows.get(row));
                claimed = true;
            } else if (ends && (wild < 0 || active[i] < wild)) {
                wild = active[i];
            }
        }
        if (wild >= 0 && !claimed && !container) {
            hit(wild, parser, token, List.copyOf(segments));
        }
    }

    private void hit(int path, JsonParser parser, JsonToken token, List<String> captured) throws MalformedException {
        if (hits.size() == HITS_MAX) {
            throw new MalformedException("more than " + HITS_MAX + " values");
        }
        int ofRow = paths.path(path).isRoot() ? -1 : row;
        Found found = switch (token) {
            case VALUE_STRING -> Found.STRING;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> Found.NUMBER;
            case VALUE_TRUE, VALUE_FALSE -> Found.BOOL;
            case START_OBJECT, START_ARRAY -> Found.CONTAINER;
            default -> Found.NULL;
        };
        String text = found == Found.CONTAINER || found == Found.NULL ? "" : parser.getString();
        hits.add(new Hit(path, ofRow, found, text, captured));
    }
}
