package io.tributary.config;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Binds a tree of nodes to a type, going on after each problem so that all are found. A method that returns null has
 * either met an absent value or recorded a problem; nothing is constructed from parts with problems.
 */
final class RecordBinder {
    /** Aliases can make a small file a huge tree; a real configuration has hundreds of nodes. */
    private static final int MAX_VISITS = 100_000;

    private static final int SHOWN_CHARACTERS = 60;

    private final Problems problems;
    private final References references;
    /** By interface, as the components met so far name them. */
    private final Map<Class<?>, Class<?>[]> variants = new HashMap<>();

    private int visits;

    RecordBinder(Problems problems, References references) {
        this.problems = problems;
        this.references = references;
    }

    @Nullable
    Object bind(Node node, Type type, String path) {
        if (++visits > MAX_VISITS) {
            if (visits == MAX_VISITS + 1) {
                problems.add(node, path, "aliases expand to more than " + MAX_VISITS + " values");
            }
            return null;
        }
        if (type instanceof ParameterizedType generic) {
            if (generic.getRawType() == List.class) {
                return list(node, generic.getActualTypeArguments()[0], path);
            }
            if (generic.getRawType() == Map.class && generic.getActualTypeArguments()[0] == String.class) {
                return map(node, generic.getActualTypeArguments()[1], path);
            }
        } else if (type instanceof Class<?> plain) {
            if (Scalars.isScalar(plain)) {
                return scalar(node, plain, path);
            } else if (plain.isRecord()) {
                return record(node, plain, path, null);
            } else if (plain.isSealed() || variants.containsKey(plain)) {
                return variant(node, plain, path);
            }
        }
        throw new IllegalArgumentException(type + " at " + path + " is not a type that configuration can have");
    }

    private @Nullable Object scalar(Node node, Class<?> type, String path) {
        if (!(node instanceof ScalarNode scalar) || node.getTag().equals(Tag.NULL)) {
            problems.add(node, path, what(node) + ", expected " + Scalars.expectation(type));
            return null;
        }
        String text = scalar.getValue();
        try {
            String value = references.expand(text);
            boolean quoted = !scalar.isPlain() && value.equals(text);
            if (quoted && Scalars.isNumberOrBoolean(type)) {
                throw new IllegalArgumentException("expected " + Scalars.expectation(type) + ", without quotes");
            }
            return Scalars.parse(value, type);
        } catch (IllegalArgumentException e) {
            String hint = "";
            if (type.isEnum()) {
                String suggestion = Suggestion.of(text, Scalars.enumNames(type));
                hint = suggestion.contains("did you mean") ? suggestion : "";
            }
            String shown = type == Secret.class && text.indexOf("${") < 0 ? "***" : shown(text);
            problems.add(node, path, "\"" + shown + "\": " + e.getMessage() + hint);
            return null;
        }
    }

    private @Nullable List<Object> list(Node node, Type element, String path) {
        if (!(node instanceof SequenceNode sequence)) {
            problems.add(node, path, what(node) + ", expected a list");
            return null;
        }
        int before = problems.count();
        List<Object> values = new ArrayList<>();
        for (Node item : sequence.getValue()) {
            Object value = bind(item, element, path + "[" + values.size() + "]");
            values.add(value == null ? "" : value);
        }
        return problems.count() == before ? List.copyOf(values) : null;
    }

    private @Nullable Map<String, Object> map(Node node, Type valueType, String path) {
        if (!(node instanceof MappingNode mapping)) {
            problems.add(node, path, what(node) + ", expected a mapping");
            return null;
        }
        int before = problems.count();
        Map<String, Object> values = new LinkedHashMap<>();
        keys(mapping, path).forEach((key, entry) -> {
            Object value = bind(entry.getValueNode(), valueType, child(path, key));
            values.put(key, value == null ? "" : value);
        });
        return problems.count() == before ? Collections.unmodifiableMap(values) : null;
    }

    private @Nullable Object variant(Node node, Class<?> of, String path) {
        Map<String, Class<?>> named = new LinkedHashMap<>();
        collectVariants(of, named);
        if (!(node instanceof MappingNode mapping)) {
            problems.add(node, path, what(node) + ", expected a mapping with the key \"type\"");
            return null;
        }
        for (NodeTuple entry : mapping.getValue()) {
            if (entry.getKeyNode() instanceof ScalarNode key && key.getValue().equals("type")) {
                Object name = bind(entry.getValueNode(), String.class, child(path, "type"));
                Class<?> chosen = name == null ? null : named.get(name);
                if (chosen != null) {
                    return record(node, chosen, path, "type");
                }
                if (name != null) {
                    problems.add(
                            entry.getValueNode(),
                            child(path, "type"),
                            "unknown type \"" + shown((String) name) + "\""
                                    + Suggestion.of((String) name, named.keySet()));
                }
                return null;
            }
        }
        problems.add(node, child(path, "type"), "missing, expected one of " + String.join(", ", named.keySet()));
        return null;
    }

    private void collectVariants(Class<?> of, Map<String, Class<?>> named) {
        for (Class<?> permitted : variants.getOrDefault(of, of.getPermittedSubclasses())) {
            TypeName name = permitted.getAnnotation(TypeName.class);
            if (permitted.isSealed()) {
                collectVariants(permitted, named);
            } else if (name == null || !permitted.isRecord()) {
                throw new IllegalArgumentException(permitted + ", expected a record with @TypeName");
            } else {
                named.put(name.value(), permitted);
            }
        }
    }

    private @Nullable Object record(Node node, Class<?> type, String path, @Nullable String ignoredKey) {
        if (!(node instanceof MappingNode mapping)) {
            problems.add(node, path, what(node) + ", expected a mapping");
            return null;
        }
        int before = problems.count();
        Map<String, NodeTuple> entries = keys(mapping, path);
        RecordComponent[] components = type.getRecordComponents();
        @Nullable Object[] arguments = new @Nullable Object[components.length];
        List<String> known = new ArrayList<>();
        if (ignoredKey != null) {
            known.add(ignoredKey);
        }
        for (int i = 0; i < components.length; i++) {
            String key = kebab(components[i].getName());
            known.add(key);
            declareVariants(components[i]);
            NodeTuple entry = entries.get(key);
            Node value = entry == null ? null : entry.getValueNode();
            arguments[i] = value == null || value.getTag().equals(Tag.NULL)
                    ? absent(components[i], value == null ? node : value, child(path, key))
                    : bind(value, components[i].getGenericType(), child(path, key));
        }
        refuseUnknown(entries, known, path);
        return problems.count() == before ? construct(node, type, components, arguments, path) : null;
    }

    private void declareVariants(RecordComponent component) {
        Variants of = component.getAnnotation(Variants.class);
        if (of != null) {
            boolean list = component.getGenericType() instanceof ParameterizedType;
            Class<?> type = list
                    ? (Class<?>) ((ParameterizedType) component.getGenericType()).getActualTypeArguments()[0]
                    : component.getType();
            variants.put(type, named(component, of));
        }
    }

    private static Class<?>[] named(RecordComponent component, Variants of) {
        if (of.as() == void.class) {
            return of.value();
        }
        for (RecordComponent other : of.as().getRecordComponents()) {
            Variants there = other.getAnnotation(Variants.class);
            if (other.getName().equals(component.getName()) && there != null) {
                return there.value();
            }
        }
        throw new IllegalArgumentException(of.as() + " has no variants for " + component.getName());
    }

    private void refuseUnknown(Map<String, NodeTuple> entries, Collection<String> known, String path) {
        entries.forEach((key, entry) -> {
            if (!known.contains(key)) {
                problems.add(entry.getKeyNode(), child(path, shown(key)), "unknown key" + Suggestion.of(key, known));
            }
        });
    }

    /** The value of a key that is not there, or has nothing behind the colon. */
    private @Nullable Object absent(RecordComponent component, Node place, String path) {
        Default ifAbsent = component.getAnnotation(Default.class);
        if (ifAbsent != null) {
            return byDefault(ifAbsent.value(), component);
        }
        if (component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
            return null;
        }
        Class<?> type = component.getType();
        if (type.isRecord() && !Scalars.isScalar(type) && mayBeAbsent(type)) {
            MappingNode nothing = new MappingNode(
                    Tag.MAP, true, List.of(), FlowStyle.BLOCK, place.getStartMark(), place.getEndMark());
            return bind(nothing, type, path);
        }
        String expectation = Scalars.isScalar(type) ? ", expected " + Scalars.expectation(type) : "";
        problems.add(place, path, "missing" + expectation);
        return null;
    }

    private static boolean mayBeAbsent(Class<?> record) {
        for (RecordComponent component : record.getRecordComponents()) {
            Class<?> type = component.getType();
            boolean optional = component.isAnnotationPresent(Default.class)
                    || component.getAnnotatedType().isAnnotationPresent(Nullable.class)
                    || (type.isRecord() && !Scalars.isScalar(type) && mayBeAbsent(type));
            if (!optional) {
                return false;
            }
        }
        return true;
    }

    /** A default that does not bind is a mistake in the program, not in the file. */
    private Object byDefault(String yaml, RecordComponent component) {
        Problems own = new Problems("@Default of " + component);
        RecordBinder binder = new RecordBinder(own, references);
        Object value = binder.bind(YamlTree.parse(yaml, own), component.getGenericType(), component.getName());
        try {
            own.throwIfAny();
        } catch (ConfigException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        return Objects.requireNonNull(value);
    }

    private @Nullable Object construct(
            Node node, Class<?> type, RecordComponent[] components, @Nullable Object[] arguments, String path) {
        Class<?>[] types = new Class<?>[components.length];
        for (int i = 0; i < types.length; i++) {
            types[i] = components[i].getType();
        }
        try {
            Constructor<?> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException fault) {
                problems.add(node, path, String.valueOf(fault.getMessage()));
                return null;
            }
            throw new IllegalStateException("constructor of " + type + " failed", e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot construct " + type, e);
        }
    }

    private Map<String, NodeTuple> keys(MappingNode mapping, String path) {
        Map<String, NodeTuple> entries = new LinkedHashMap<>();
        for (NodeTuple entry : mapping.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                problems.add(entry.getKeyNode(), path, what(entry.getKeyNode()) + " as a key, expected a text");
                continue;
            }
            NodeTuple first = entries.putIfAbsent(key.getValue(), entry);
            if (first != null) {
                String where = first.getKeyNode()
                        .getStartMark()
                        .map(mark -> ", first in line " + (mark.getLine() + 1))
                        .orElse("");
                problems.add(key, child(path, shown(key.getValue())), "duplicate key" + where);
            }
        }
        return entries;
    }

    private static String what(Node node) {
        if (node instanceof MappingNode) {
            return "a mapping";
        } else if (node instanceof SequenceNode) {
            return "a list";
        } else if (node.getTag().equals(Tag.NULL)) {
            return "nothing";
        }
        return "\"" + shown(((ScalarNode) node).getValue()) + "\"";
    }

    private static String shown(String text) {
        String clean = text.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= SHOWN_CHARACTERS ? clean : clean.substring(0, SHOWN_CHARACTERS) + "…";
    }

    private static String child(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** {@code lingerMillis} to {@code linger-millis}. */
    static String kebab(String name) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (Character.isUpperCase(c)) {
                out.append('-').append(Character.toLowerCase(c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }
}
