package io.tributary.sim.verify;

import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.io.IOException;
import java.io.InputStream;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads what {@code GET /api/v1/readings?format=ndjson} answers, a reading per line; everything that is known of that
 * form is in this class:
 *
 * <pre>
 * {"device":"d1","channel":"t","event_time":"2024-05-01T12:00:00.000000001Z","edge_time":...,"collector_time":...,
 *  "value":20.5,"quality":"good","type":"double"}
 * </pre>
 *
 * Doubles are texts that read back bit for bit, with {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}; type may
 * be absent.
 */
final class ReadingParser {
    private static final JsonFactory FACTORY = new JsonFactory();
    private static final long NANOS = 1_000_000_000L;

    /** Takes the readings. */
    interface Consumer {
        /** @param device null when the line names none */
        void reading(@Nullable String device, String channel, long timeNs, Value value) throws IOException;
    }

    private @Nullable String device;
    private @Nullable String channel;
    private @Nullable String time;
    private @Nullable String typeName;
    private int quality;
    private @Nullable JsonToken valueToken;
    private String valueText = "";
    private String lastDate = "";
    private long lastDaySeconds;

    /** @throws IOException when this is not such an answer, with the place in it */
    void parse(InputStream in, Consumer consumer) throws IOException {
        try (JsonParser parser = FACTORY.createParser(ObjectReadContext.empty(), in)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token != JsonToken.START_OBJECT) {
                    throw unexpected(parser, "expected an object");
                }
                object(parser);
                String ofChannel = channel;
                String at = time;
                if (ofChannel == null || at == null || valueToken == null) {
                    throw unexpected(parser, "expected channel, event_time and value");
                }
                consumer.reading(device, ofChannel, timeNs(at), value());
            }
        } catch (JacksonException e) {
            throw new IOException("the collector's answer is not NDJSON: " + e.getOriginalMessage(), e);
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IOException("the collector's answer has a reading that cannot be read: " + e.getMessage(), e);
        }
    }

    private static IOException unexpected(JsonParser parser, String expectation) {
        return new IOException(
                "the collector's answer, line " + parser.currentTokenLocation().getLineNr() + ": " + expectation);
    }

    private void object(JsonParser parser) {
        device = null;
        channel = null;
        time = null;
        typeName = null;
        quality = Quality.GOOD;
        valueToken = null;
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            switch (name) {
                case "device" -> device = parser.getString();
                case "channel" -> channel = parser.getString();
                case "event_time" -> time = parser.getString();
                case "type" -> typeName = parser.getString();
                case "quality" ->
                    quality = token == JsonToken.VALUE_NUMBER_INT ? parser.getIntValue() : code(parser.getString());
                case "value" -> {
                    valueToken = token;
                    valueText = parser.getString();
                    parser.skipChildren();
                }
                default -> parser.skipChildren();
            }
        }
    }

    /** The words begin with the severity: {@code bad}, {@code bad_sensor}. */
    private static int code(@Nullable String word) {
        if (word == null || word.equals("good")) {
            return Quality.GOOD;
        } else if (word.startsWith("uncertain")) {
            return Quality.UNCERTAIN;
        }
        return word.startsWith("bad") ? Quality.BAD : Value.QUALITY_UNKNOWN;
    }

    private Value value() {
        ValueType type = typeName == null ? null : ValueType.valueOf(typeName.toUpperCase(Locale.ROOT));
        ValueType form = form();
        if (type == null || type == form) {
            return of(form, type != null);
        }
        if (type == ValueType.DOUBLE && (form == ValueType.LONG || form == ValueType.STRING)) {
            return new Value(type, Double.doubleToRawLongBits(Double.parseDouble(valueText)), null, quality, true);
        }
        throw new IllegalArgumentException("value " + valueText + " of type " + typeName);
    }

    private ValueType form() {
        if (valueToken == JsonToken.VALUE_NUMBER_INT) {
            // -0 and what is beyond 64 bits are doubles.
            return valueText.equals("-0") || !fitsLong(valueText) ? ValueType.DOUBLE : ValueType.LONG;
        } else if (valueToken == JsonToken.VALUE_NUMBER_FLOAT) {
            return ValueType.DOUBLE;
        } else if (valueToken == JsonToken.VALUE_TRUE || valueToken == JsonToken.VALUE_FALSE) {
            return ValueType.BOOL;
        } else if (valueToken == JsonToken.VALUE_STRING) {
            return ValueType.STRING;
        }
        throw new IllegalArgumentException("value " + valueToken);
    }

    private static boolean fitsLong(String text) {
        if (text.length() < 19) {
            return true;
        }
        try {
            Long.parseLong(text);
            return true;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private Value of(ValueType type, boolean known) {
        return switch (type) {
            case DOUBLE ->
                new Value(type, Double.doubleToRawLongBits(Double.parseDouble(valueText)), null, quality, known);
            case LONG -> new Value(type, Long.parseLong(valueText), null, quality, known);
            case BOOL -> new Value(type, valueToken == JsonToken.VALUE_TRUE ? 1 : 0, null, quality, known);
            case STRING -> new Value(type, 0, valueText, quality, known);
        };
    }

    /** RFC 3339; by hand for UTC, which is what comes a million times. */
    private long timeNs(String text) {
        boolean utc = text.length() >= 20 && text.charAt(10) == 'T' && text.endsWith("Z") && text.charAt(4) == '-';
        if (!utc) {
            OffsetDateTime parsed = OffsetDateTime.parse(text);
            return Math.addExact(Math.multiplyExact(parsed.toEpochSecond(), NANOS), parsed.getNano());
        }
        String date = text.substring(0, 10);
        if (!date.equals(lastDate)) {
            lastDaySeconds = LocalDate.parse(date).toEpochDay() * 86_400;
            lastDate = date;
        }
        long seconds =
                lastDaySeconds + 3600L * number(text, 11, 13) + 60L * number(text, 14, 16) + number(text, 17, 19);
        long nanos = 0;
        int end = text.length() - 1;
        if (end > 19) {
            nanos = number(text, 20, end);
            for (int digits = end - 20; digits < 9; digits++) {
                nanos *= 10;
            }
        }
        return Math.addExact(Math.multiplyExact(seconds, NANOS), nanos);
    }

    private static int number(String text, int from, int to) {
        return Integer.parseInt(text, from, to, 10);
    }
}
