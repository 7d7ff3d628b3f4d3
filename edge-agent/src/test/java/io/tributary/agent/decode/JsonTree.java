package io.tributary.agent.decode;

import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.json.JsonFactory;

/** Test vectors as maps, lists, texts (of numbers, too) and booleans. */
final class JsonTree {
    private JsonTree() {}

    static Object resource(String name) throws Exception {
        InputStream bytes = Objects.requireNonNull(JsonTree.class.getResourceAsStream(name), name);
        try (InputStream in = name.endsWith(".gz") ? new GZIPInputStream(bytes) : bytes;
                JsonParser parser = new JsonFactory().createParser(tools.jackson.core.ObjectReadContext.empty(), in)) {
            parser.nextToken();
            return Objects.requireNonNull(read(parser));
        }
    }

    private static @Nullable Object read(JsonParser parser) {
        JsonToken token = Objects.requireNonNull(parser.currentToken());
        switch (token) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> object = new LinkedHashMap<>();
                while (parser.nextToken() != JsonToken.END_OBJECT) {
                    String name = parser.currentName();
                    parser.nextToken();
                    object.put(name, read(parser));
                }
                return object;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(read(parser));
                }
                return list;
            }
            case VALUE_TRUE -> {
                return true;
            }
            case VALUE_FALSE -> {
                return false;
            }
            case VALUE_NULL -> {
                return null;
            }
            default -> {
                return parser.getString();
            }
        }
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(@Nullable Object value) {
        return (Map<String, Object>) Objects.requireNonNull(value);
    }

    @SuppressWarnings("unchecked")
    static List<Object> list(@Nullable Object value) {
        return (List<Object>) Objects.requireNonNull(value);
    }
}
