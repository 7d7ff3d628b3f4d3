package io.tributary.agent.decode;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where in a JSON document something is; the part of JSONPath that needs no tree.
 *
 * <pre>
 * temp                  member of the row, as is @.temp
 * $.gateway.id          from the document, whatever the rows are
 * sensors[0].value      element of an array
 * sensors[*].value      every element, or with sensors.* every member
 * ['odd.name']          a name with signs that mean something
 * **                    every value at any depth; only at the end
 * </pre>
 *
 * Immutable.
 */
public final class JsonPath {
    /** As deep as documents may be. */
    static final int STEPS_MAX = 64;

    enum Kind {
        NAME,
        INDEX,
        ANY,
        REST
    }

    /** @param index of an element; -1 for the others */
    record Step(Kind kind, String name, int index) {}

    private final String text;
    private final boolean root;
    private final List<Step> steps;

    private JsonPath(String text, boolean root, List<Step> steps) {
        this.text = text;
        this.root = root;
        this.steps = List.copyOf(steps);
    }

    /** @throws IllegalArgumentException what is wrong at which character */
    public static JsonPath parse(String text) {
        return new JsonPathParser(text).path();
    }

    static JsonPath of(String text, boolean root, List<Step> steps) {
        return new JsonPath(text, root, steps);
    }

    /** This path below another one, which it forgets when it begins at the document. */
    JsonPath below(JsonPath rows) {
        if (root) {
            return this;
        }
        List<Step> all = new ArrayList<>(rows.steps);
        all.addAll(steps);
        return new JsonPath(text, false, all);
    }

    boolean isRoot() {
        return root;
    }

    List<Step> steps() {
        return steps;
    }

    boolean hasWildcards() {
        return steps.stream().anyMatch(step -> step.kind() == Kind.ANY || step.kind() == Kind.REST);
    }

    boolean endsInRest() {
        return !steps.isEmpty() && steps.get(steps.size() - 1).kind() == Kind.REST;
    }

    /** The last name; empty when there is none. */
    String lastName() {
        for (int i = steps.size() - 1; i >= 0; i--) {
            if (steps.get(i).kind() == Kind.NAME) {
                return steps.get(i).name();
            }
        }
        return "";
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof JsonPath other && text.equals(other.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
