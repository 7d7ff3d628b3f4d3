package io.tributary.config;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes what {@code ConfigReader} reads: keys, quoted texts, lists, sections. */
public final class YamlText {
    private final StringBuilder text = new StringBuilder(256);
    private String indent = "";

    public YamlText comment(String comment) {
        text.append("# ").append(comment).append('\n');
        return this;
    }

    /** Left out when it is null. */
    public YamlText put(String key, @Nullable String value) {
        if (value != null) {
            text.append(indent).append(key).append(": ").append(quoted(value)).append('\n');
        }
        return this;
    }

    public YamlText put(String key, boolean value) {
        text.append(indent).append(key).append(": ").append(value).append('\n');
        return this;
    }

    public YamlText put(String key, List<String> values) {
        text.append(indent).append(key).append(": [");
        for (int i = 0; i < values.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(quoted(values.get(i)));
        }
        text.append("]\n");
        return this;
    }

    public YamlText begin(String key) {
        text.append(indent).append(key).append(":\n");
        indent += "  ";
        return this;
    }

    /** The next key is the first of an element of the list that {@link #begin} named. */
    public YamlText element() {
        text.append(indent).append("-\n");
        indent += "  ";
        return this;
    }

    public YamlText end() {
        indent = indent.substring(2);
        return this;
    }

    private static String quoted(String value) {
        StringBuilder quoted = new StringBuilder(value.length() + 2).append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                quoted.append('\\').append(c);
            } else if (c < 0x20 || c >= 0x7f) {
                quoted.append(String.format("\\u%04X", (int) c));
            } else {
                quoted.append(c);
            }
        }
        return quoted.append('"').toString();
    }

    @Override
    public String toString() {
        return text.toString();
    }
}
