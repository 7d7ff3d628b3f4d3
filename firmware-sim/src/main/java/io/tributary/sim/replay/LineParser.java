package io.tributary.sim.replay;

import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * One line of InfluxDB line protocol to a row: {@code measurement,tag=v field=1.5,other=3i 1700000000000000000}. Fields
 * are channels; the measurement is not used.
 */
final class LineParser {
    private final String deviceTag;
    private final String prefix;
    private final Map<String, String> moreTags;
    private final long timeUnitNanos;
    private final Map<String, Channel> channels = new HashMap<>();

    private String line = "";
    private int position;

    LineParser(Mapping mapping) {
        String tag = mapping.device().tag();
        this.deviceTag = tag == null ? "device" : tag;
        this.prefix = mapping.device().prefix();
        this.moreTags = mapping.device().tags();
        Mapping.Epoch epoch = mapping.time().epoch();
        this.timeUnitNanos = epoch == null ? 1 : epoch.nanos;
    }

    /** @throws IllegalArgumentException saying what is wrong, with the place in the line */
    Row parse(String text) {
        line = text;
        position = 0;
        word(", ");
        Map<String, String> tags = new TreeMap<>(moreTags);
        String device = "";
        while (at(',')) {
            String key = word("= ,");
            expect('=');
            String value = word(", ");
            if (key.equals(deviceTag)) {
                device = value;
            } else if (!key.isEmpty() && !value.isEmpty()) {
                tags.put(key, value);
            }
        }
        if (device.isEmpty()) {
            throw new IllegalArgumentException("no device ID in the tag \"" + deviceTag + "\"");
        }
        expect(' ');
        int fields = position;
        position = timeStart();
        long time = time();
        position = fields;
        Row.Builder row = Row.builder(new Device(prefix + device, tags), time, 8);
        do {
            String key = word("= ,");
            expect('=');
            field(row, key);
        } while (at(','));
        return row.build();
    }

    /** Behind the last space outside of quotes. */
    private int timeStart() {
        int end = line.length();
        while (end > position && line.charAt(end - 1) == ' ') {
            end--;
        }
        int space = line.lastIndexOf(' ', end - 1);
        if (space < position) {
            throw new IllegalArgumentException("no time at the end");
        }
        return space + 1;
    }

    private long time() {
        String text = line.substring(position).strip();
        try {
            return Math.multiplyExact(Long.parseLong(text), timeUnitNanos);
        } catch (NumberFormatException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "time \"" + DataFaults.shown(text) + "\" at column " + (position + 1) + " is no such number", e);
        }
    }

    private void field(Row.Builder row, String key) {
        if (position < line.length() && line.charAt(position) == '"') {
            row.add(channel(key, ValueType.STRING), quoted());
            return;
        }
        int start = position;
        String text = word(", ");
        try {
            char last = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
            if (last == 'i' || last == 'u') {
                long value = Long.parseLong(text.substring(0, text.length() - 1));
                row.add(channel(key, ValueType.LONG), value, null, Quality.GOOD);
            } else if (Character.isDigit(last) || last == '.') {
                row.add(channel(key, ValueType.DOUBLE), CellParser.real(text));
            } else {
                row.add(channel(key, ValueType.BOOL), bool(text));
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "field " + key + ": \"" + DataFaults.shown(text) + "\" at column " + (start + 1)
                            + " is no value of line protocol",
                    e);
        }
    }

    private static boolean bool(String text) {
        return switch (text) {
            case "t", "T", "true", "True", "TRUE" -> true;
            case "f", "F", "false", "False", "FALSE" -> false;
            default -> throw new IllegalArgumentException("not a bool");
        };
    }

    private Channel channel(String name, ValueType type) {
        Channel known = channels.get(name);
        if (known == null || known.type() != type) {
            known = Channel.of(name, type);
            channels.put(name, known);
        }
        return known;
    }

    private String quoted() {
        StringBuilder out = new StringBuilder();
        int start = position++;
        while (position < line.length()) {
            char c = line.charAt(position++);
            if (c == '"') {
                return out.toString();
            } else if (c == '\\' && position < line.length() && "\"\\".indexOf(line.charAt(position)) >= 0) {
                c = line.charAt(position++);
            }
            out.append(c);
        }
        throw new IllegalArgumentException("the quote at column " + (start + 1) + " is not closed");
    }

    /** Text up to one of {@code stops}, which stays; a backslash takes a comma, space or equals sign as text. */
    private String word(String stops) {
        StringBuilder out = new StringBuilder();
        while (position < line.length() && stops.indexOf(line.charAt(position)) < 0) {
            char c = line.charAt(position++);
            if (c == '\\' && position < line.length() && ", =".indexOf(line.charAt(position)) >= 0) {
                c = line.charAt(position++);
            }
            out.append(c);
        }
        return out.toString();
    }

    private boolean at(char c) {
        if (position < line.length() && line.charAt(position) == c) {
            position++;
            return true;
        }
        return false;
    }

    private void expect(char c) {
        if (!at(c)) {
            throw new IllegalArgumentException("expected '" + c + "' at column " + (position + 1));
        }
    }
}
