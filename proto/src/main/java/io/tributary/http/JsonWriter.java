package io.tributary.http;

import java.io.IOException;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;

/**
 * JSON as a stream. Longs are written with all digits; doubles read back bit for bit, and those that JSON has no number
 * for become the strings {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}. The caller keeps begin and end
 * balanced. Not thread-safe.
 */
public final class JsonWriter {
    private static final String HEX = "0123456789abcdef";

    private final TextOutput out;
    private boolean comma;

    public JsonWriter(OutputStream out) {
        this(new TextOutput(out));
    }

    public JsonWriter(TextOutput out) {
        this.out = out;
    }

    /** Where this writes, for values with a form of their own: between {@link #beginRaw()} and {@link #endRaw()}. */
    public TextOutput output() {
        return out;
    }

    public JsonWriter beginObject() throws IOException {
        begin('{');
        return this;
    }

    public JsonWriter endObject() throws IOException {
        end('}');
        return this;
    }

    public JsonWriter beginArray() throws IOException {
        begin('[');
        return this;
    }

    public JsonWriter endArray() throws IOException {
        end(']');
        return this;
    }

    public JsonWriter name(String name) throws IOException {
        separate();
        quoted(name);
        out.ascii(':');
        comma = false;
        return this;
    }

    public JsonWriter value(@Nullable String value) throws IOException {
        separate();
        if (value == null) {
            out.ascii("null");
        } else {
            quoted(value);
        }
        comma = true;
        return this;
    }

    public JsonWriter value(long value) throws IOException {
        separate();
        out.number(value);
        comma = true;
        return this;
    }

    public JsonWriter value(double value) throws IOException {
        separate();
        if (Double.isNaN(value)) {
            out.ascii("\"NaN\"");
        } else if (Double.isInfinite(value)) {
            out.ascii(value > 0 ? "\"Infinity\"" : "\"-Infinity\"");
        } else {
            out.number(value);
        }
        comma = true;
        return this;
    }

    public JsonWriter value(boolean value) throws IOException {
        separate();
        out.ascii(value ? "true" : "false");
        comma = true;
        return this;
    }

    public JsonWriter nullValue() throws IOException {
        return value((String) null);
    }

    /** Begins a value that the caller writes to {@link #output()}. */
    public TextOutput beginRaw() throws IOException {
        separate();
        return out;
    }

    public void endRaw() {
        comma = true;
    }

    /** Ends a line: between values of NDJSON, or for people. Only outside of arrays and objects or before a value. */
    public JsonWriter newline() throws IOException {
        out.ascii('\n');
        comma = false;
        return this;
    }

    /** A comma when one is due and a line break: one element of an array per line. */
    public JsonWriter breakLine() throws IOException {
        separate();
        out.ascii('\n');
        comma = false;
        return this;
    }

    /** Hands everything to the stream below, which is not flushed. */
    public void flush() throws IOException {
        out.flush();
    }

    private void begin(char bracket) throws IOException {
        separate();
        out.ascii(bracket);
        comma = false;
    }

    private void end(char bracket) throws IOException {
        out.ascii(bracket);
        comma = true;
    }

    private void separate() throws IOException {
        if (comma) {
            out.ascii(',');
        }
    }

    private void quoted(String text) throws IOException {
        out.ascii('"');
        int i = out.plain(text, 0);
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.ascii('\\');
                out.ascii(c);
                i++;
            } else if (c < 0x20 || c == 0x7f) {
                escape(c);
                i++;
            } else {
                i += out.character(text, i);
            }
        }
        out.ascii('"');
    }

    private void escape(char c) throws IOException {
        switch (c) {
            case '\n' -> out.ascii("\\n");
            case '\r' -> out.ascii("\\r");
            case '\t' -> out.ascii("\\t");
            default -> {
                out.ascii("\\u00");
                out.ascii(HEX.charAt(c >> 4));
                out.ascii(HEX.charAt(c & 15));
            }
        }
    }
}
