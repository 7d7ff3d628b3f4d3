package io.tributary.sim.replay;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;

/**
 * Records of a CSV text (RFC 4180): quoted fields with doubled quotes and line breaks inside, any of the line ends LF,
 * CRLF and CR, blank lines skipped. The record is read into the reader itself, whose memory is bounded.
 */
final class CsvReader {
    /** A record longer than this is an unclosed quote, not a measurement. */
    static final int RECORD_CHARS_MAX = 1 << 20;

    private final Reader reader;
    private final char delimiter;
    private final char quote;
    private final char[] buffer = new char[16 << 10];
    private int position;
    private int limit;
    private long lines = 1;
    private boolean atEnd;

    private long recordLine;
    private final List<String> fields = new ArrayList<>();
    private final StringBuilder field = new StringBuilder();
    private String fault = "";
    private int recordChars;

    CsvReader(Reader reader, char delimiter, char quote) {
        this.reader = reader;
        this.delimiter = delimiter;
        this.quote = quote;
    }

    /** Moves to the next record; false at the end. A record with a {@link #fault()} is to be skipped. */
    boolean next() throws IOException {
        while (!atEnd) {
            fields.clear();
            fault = "";
            recordChars = 0;
            recordLine = lines;
            boolean more = record();
            if (fields.size() > 1 || !fields.isEmpty() && !fields.get(0).isEmpty() || !fault.isEmpty()) {
                atEnd = !more;
                return true;
            }
            atEnd = !more;
        }
        return false;
    }

    /** Line on which the record begins, from 1. */
    long line() {
        return recordLine;
    }

    int size() {
        return fields.size();
    }

    String field(int index) {
        return fields.get(index);
    }

    List<String> fields() {
        return List.copyOf(fields);
    }

    /** What is wrong with the record as a whole; empty when nothing is. */
    String fault() {
        return fault;
    }

    /** Skips the rest of the present line, unquoted, when it starts with {@code prefix}. */
    boolean skipLineStartingWith(String prefix) throws IOException {
        for (int i = 0; i < prefix.length(); i++) {
            if (peek(i) != prefix.charAt(i)) {
                return false;
            }
        }
        int c = read();
        while (c >= 0 && c != '\n' && c != '\r') {
            c = read();
        }
        endLine(c);
        return true;
    }

    /** Reads fields up to the end of the line; false at the end of the text. */
    private boolean record() throws IOException {
        while (true) {
            field.setLength(0);
            int end = peek(0) == quote ? quoted() : plain();
            fields.add(field.toString());
            if (end != delimiter) {
                endLine(end);
                return end >= 0;
            }
        }
    }

    private int plain() throws IOException {
        int c = read();
        while (c != delimiter && c != '\n' && c != '\r' && c >= 0) {
            append((char) c);
            c = read();
        }
        return c;
    }

    private int quoted() throws IOException {
        int c = read();
        while (true) {
            c = read();
            if (c < 0) {
                fault = "a quote is not closed";
                return c;
            } else if (c == quote) {
                c = read();
                if (c != quote) {
                    break;
                }
                append(quote);
            } else {
                if (c == '\n') {
                    lines++;
                }
                append((char) c);
                if (recordChars > RECORD_CHARS_MAX && peek(0) == '\n') {
                    return read();
                }
            }
        }
        while (c != delimiter && c != '\n' && c != '\r' && c >= 0) {
            fault = "text after a closing quote";
            c = read();
        }
        return c;
    }

    private void append(char c) {
        if (++recordChars > RECORD_CHARS_MAX) {
            fault = "a record longer than " + RECORD_CHARS_MAX + " characters";
        } else {
            field.append(c);
        }
    }

    private void endLine(int c) throws IOException {
        if (c == '\r' && peek(0) == '\n') {
            int lineFeed = read();
            assert lineFeed == '\n';
        }
        if (c == '\r' || c == '\n') {
            lines++;
        }
    }

    private int read() throws IOException {
        int c = peek(0);
        if (c >= 0) {
            position++;
        }
        return c;
    }

    private int peek(int ahead) throws IOException {
        while (position + ahead >= limit) {
            System.arraycopy(buffer, position, buffer, 0, limit - position);
            limit -= position;
            position = 0;
            int read = reader.read(buffer, limit, buffer.length - limit);
            if (read < 0) {
                return -1;
            }
            limit += read;
        }
        return buffer[position + ahead];
    }
}
