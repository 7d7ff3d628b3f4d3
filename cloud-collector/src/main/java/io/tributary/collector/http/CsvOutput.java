package io.tributary.collector.http;

import io.tributary.http.TextOutput;
import java.io.IOException;

/** Comma-separated values (RFC 4180, but lines end with LF): fields are quoted when they have to be. */
final class CsvOutput {
    private final TextOutput out;
    private boolean first = true;

    CsvOutput(TextOutput out) {
        this.out = out;
    }

    void text(String text) throws IOException {
        separate();
        if (!needsQuotes(text)) {
            out.text(text);
            return;
        }
        out.ascii('"');
        out.text(text.replace("\"", "\"\""));
        out.ascii('"');
    }

    private static boolean needsQuotes(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ',' || c == '"' || c == '\n' || c == '\r') {
                return true;
            }
        }
        return false;
    }

    void empty() throws IOException {
        separate();
    }

    void time(long ns) throws IOException {
        separate();
        ApiTime.write(out, ns);
    }

    void number(long value) throws IOException {
        separate();
        out.number(value);
    }

    void number(double value) throws IOException {
        separate();
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            out.ascii(Double.toString(value));
        } else {
            out.number(value);
        }
    }

    void endLine() throws IOException {
        out.ascii('\n');
        first = true;
    }

    private void separate() throws IOException {
        if (!first) {
            out.ascii(',');
        }
        first = false;
    }
}
