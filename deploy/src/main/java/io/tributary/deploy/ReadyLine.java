package io.tributary.deploy;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** {@code READY <program> key=value ...}: the one line a program prints on stdout when it serves. */
record ReadyLine(String program, Map<String, String> values) {

    ReadyLine {
        values = Map.copyOf(values);
    }

    /** Empty when the line is something else. */
    static Optional<ReadyLine> parse(String line) {
        String[] words = line.strip().split(" +");
        if (words.length < 2 || !words[0].equals("READY")) {
            return Optional.empty();
        }
        Map<String, String> values = new LinkedHashMap<>();
        String last = null;
        for (int i = 2; i < words.length; i++) {
            int equals = words[i].indexOf('=');
            if (equals > 0) {
                last = words[i].substring(0, equals);
                values.put(last, words[i].substring(equals + 1));
            } else if (last != null) {
                // A path with a blank in it.
                String name = last;
                String more = words[i];
                values.computeIfPresent(name, (key, value) -> value + " " + more);
            }
        }
        return Optional.of(new ReadyLine(words[1], values));
    }

    /** The value of a key. */
    String get(String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalStateException(program + " said nothing about '" + key + "', only " + values);
        }
        return value;
    }

    /** The port of a {@code host:port} value. */
    int port(String key) {
        String value = get(key);
        return Integer.parseInt(value.substring(value.lastIndexOf(':') + 1));
    }
}
