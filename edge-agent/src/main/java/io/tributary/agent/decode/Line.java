package io.tributary.agent.decode;

import io.tributary.model.ValueType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** One parsed line; reused for the next one. */
public final class Line {
    /** A line without time stamp: stamped on arrival. */
    public static final long NO_TIME = Long.MIN_VALUE;

    private String measurement = "";
    private int tags;
    private String[] tagKeys = new String[8];
    private String[] tagValues = new String[8];
    private int fields;
    private String[] fieldKeys = new String[8];
    private ValueType[] fieldTypes = new ValueType[8];
    private long[] fieldBits = new long[8];
    private @Nullable String[] fieldTexts = new String[8];
    private long time = NO_TIME;

    void clear(String newMeasurement) {
        measurement = newMeasurement;
        tags = 0;
        fields = 0;
        time = NO_TIME;
    }

    void tag(String key, String value) throws MalformedException {
        for (int i = 0; i < tags; i++) {
            if (tagKeys[i].equals(key)) {
                throw new MalformedException("tag \"" + key + "\" is there twice");
            }
        }
        if (tags == tagKeys.length) {
            tagKeys = Arrays.copyOf(tagKeys, tags * 2);
            tagValues = Arrays.copyOf(tagValues, tags * 2);
        }
        tagKeys[tags] = key;
        tagValues[tags++] = value;
    }

    void field(String key, ValueType type, long bits, @Nullable String text) {
        if (fields == fieldKeys.length) {
            fieldKeys = Arrays.copyOf(fieldKeys, fields * 2);
            fieldTypes = Arrays.copyOf(fieldTypes, fields * 2);
            fieldBits = Arrays.copyOf(fieldBits, fields * 2);
            fieldTexts = Arrays.copyOf(fieldTexts, fields * 2);
        }
        fieldKeys[fields] = key;
        fieldTypes[fields] = type;
        fieldBits[fields] = bits;
        fieldTexts[fields++] = text;
    }

    void time(long newTime) {
        time = newTime;
    }

    public String measurement() {
        return measurement;
    }

    public int tags() {
        return tags;
    }

    public String tagKey(int index) {
        return tagKeys[index];
    }

    public String tagValue(int index) {
        return tagValues[index];
    }

    public int fields() {
        return fields;
    }

    public String fieldKey(int index) {
        return fieldKeys[index];
    }

    public ValueType fieldType(int index) {
        return fieldTypes[index];
    }

    /** Raw bits of a double, a long, or 0 and 1. */
    public long fieldBits(int index) {
        return fieldBits[index];
    }

    public String fieldText(int index) {
        String text = fieldTexts[index];
        return text == null ? "" : text;
    }

    /** In the precision of the sender; {@link #NO_TIME} when there is none. */
    public long time() {
        return time;
    }
}
