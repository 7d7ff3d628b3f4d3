package io.tributary.agent.decode;

import io.tributary.agent.decode.JsonPath.Kind;
import io.tributary.agent.decode.JsonPath.Step;
import java.util.ArrayList;
import java.util.List;

/** Reads the text of one {@link JsonPath}. */
final class JsonPathParser {
    private static final int INDEX_DIGITS_MAX = 6;

    private final String text;
    private final List<Step> steps = new ArrayList<>();
    private int at;

    JsonPathParser(String text) {
        this.text = text;
    }

    JsonPath path() {
        if (text.isEmpty()) {
            throw new IllegalArgumentException("expected a path, for example sensors[*].temp or $.gateway.id");
        }
        boolean root = text.charAt(0) == '$';
        boolean marked = root || text.charAt(0) == '@';
        if (marked) {
            at = 1;
        } else if (text.charAt(0) != '[') {
            name();
        }
        while (at < text.length()) {
            if (!steps.isEmpty() && steps.get(steps.size() - 1).kind() == Kind.REST) {
                throw wrong("the end of the path after **");
            }
            if (text.charAt(at) == '.') {
                at++;
                name();
            } else if (text.charAt(at) == '[') {
                at++;
                bracket();
            } else {
                throw wrong("'.' or '['");
            }
            if (steps.size() > JsonPath.STEPS_MAX) {
                throw wrong("at most " + JsonPath.STEPS_MAX + " steps");
            }
        }
        return JsonPath.of(text, root, steps);
    }

    private void name() {
        int from = at;
        while (at < text.length() && ".[]'\"{}$@".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String name = text.substring(from, at);
        switch (name) {
            case "*" -> steps.add(new Step(Kind.ANY, "", -1));
            case "**" -> steps.add(new Step(Kind.REST, "", -1));
            default -> {
                if (name.isEmpty() || name.indexOf('*') >= 0) {
                    at = from;
                    throw wrong("a name, * or **; names with . [ ] ' \" { } $ @ * go into ['...']");
                }
                steps.add(new Step(Kind.NAME, name, -1));
            }
        }
    }

    private void bracket() {
        char first = at < text.length() ? text.charAt(at) : ']';
        if (first == '\'' || first == '"') {
            int end = text.indexOf(first, at + 1);
            if (end < 0) {
                throw wrong("a closing " + first);
            }
            steps.add(new Step(Kind.NAME, text.substring(at + 1, end), -1));
            at = end + 1;
        } else if (first == '*') {
            steps.add(new Step(Kind.ANY, "", -1));
            at++;
        } else {
            int from = at;
            while (at < text.length() && Character.digit(text.charAt(at), 10) >= 0) {
                at++;
            }
            if (at == from || at - from > INDEX_DIGITS_MAX) {
                at = from;
                throw wrong("an index, * or a quoted name");
            }
            steps.add(new Step(Kind.INDEX, "", Integer.parseInt(text.substring(from, at))));
        }
        if (at >= text.length() || text.charAt(at) != ']') {
            throw wrong("']'");
        }
        at++;
    }

    private IllegalArgumentException wrong(String expectation) {
        return new IllegalArgumentException("expected " + expectation + " at character " + (at + 1));
    }
}
