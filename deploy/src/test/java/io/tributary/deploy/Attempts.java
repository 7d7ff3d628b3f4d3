package io.tributary.deploy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/** What can be tried at the listeners of a program: a row and a column of a table each. */
final class Attempts {
    /** One cell. */
    interface Attempt {
        Outcome make() throws Exception;
    }

    private final Map<String, Map<String, Attempt>> byRow = new LinkedHashMap<>();

    Attempts add(String row, String column, Attempt attempt) {
        byRow.computeIfAbsent(row, name -> new TreeMap<>()).put(column, attempt);
        return this;
    }

    Map<String, Map<String, Attempt>> byRow() {
        return byRow;
    }
}
