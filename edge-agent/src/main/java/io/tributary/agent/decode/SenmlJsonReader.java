package io.tributary.agent.decode;

import java.math.BigDecimal;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** RFC 8428 section 5. */
final class SenmlJsonReader implements SenmlReader {
    private final JsonParser parser;

    SenmlJsonReader(byte[] payload) throws MalformedException {
        try {
            parser = JsonFormat.parser(payload);
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw new MalformedException("not a pack, expected a JSON array");
            }
        } catch (JacksonException e) {
            throw JsonFormat.malformed(e);
        }
    }

    @Override
    public boolean next(SenmlRecord record) throws MalformedException {
        try {
            JsonToken token = parser.nextToken();
            if (token == JsonToken.END_ARRAY) {
                if (parser.nextToken() != null) {
                    throw new MalformedException("something behind the pack, expected its end");
                }
                parser.close();
                return false;
            }
            if (token != JsonToken.START_OBJECT) {
                throw new MalformedException("found " + token + " in the pack, expected a record");
            }
            record.clear();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String label = String.valueOf(parser.currentName());
                parser.nextToken();
                field(record, label);
            }
            return true;
        } catch (JacksonException e) {
            throw JsonFormat.malformed(e);
        }
    }

    private void field(SenmlRecord record, String label) throws MalformedException {
        switch (label) {
            case "bn" -> record.baseName = text(label);
            case "bt" -> record.baseTime = number(label);
            case "bu" -> record.baseUnit = text(label);
            case "bv" -> record.baseValue = number(label);
            case "bs" -> record.baseSum = number(label);
            case "bver" -> record.baseVersion = number(label);
            case "n" -> record.name = text(label);
            case "u" -> record.unit = text(label);
            case "v" -> record.value = number(label);
            case "vs" -> record.text = text(label);
            case "vb" -> record.bool = bool(label);
            case "vd" -> record.data = data(text(label));
            case "s" -> record.sum = number(label);
            case "t" -> record.time = number(label);
            case "ut" -> record.updateTime = number(label);
            default -> {
                if (label.endsWith("_")) { // section 4.4: must be understood
                    throw new MalformedException(
                            "field \"" + ValueTexts.shown(label) + "\" must be understood, and is unknown here");
                }
                parser.skipChildren();
            }
        }
    }

    private String text(String label) throws MalformedException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw wrong(label, "a text");
        }
        return parser.getString();
    }

    private BigDecimal number(String label) throws MalformedException {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_NUMBER_FLOAT) {
            throw wrong(label, "a number");
        }
        return Decimals.parse(parser.getString());
    }

    private boolean bool(String label) throws MalformedException {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
            throw wrong(label, "true or false");
        }
        return token == JsonToken.VALUE_TRUE;
    }

    private static String data(String base64) throws MalformedException {
        try {
            byte[] bytes = Base64.getUrlDecoder().decode(base64);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        } catch (IllegalArgumentException e) {
            throw new MalformedException("field \"vd\" is \"" + ValueTexts.shown(base64) + "\", expected base64url");
        }
    }

    private MalformedException wrong(String label, String expectation) {
        return new MalformedException(
                "field \"" + label + "\" is " + parser.currentToken() + ", expected " + expectation);
    }
}
