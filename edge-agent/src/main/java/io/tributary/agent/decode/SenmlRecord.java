package io.tributary.agent.decode;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** One record as it stands in a pack; reused for the next. Numbers are what their decimal notation says. */
final class SenmlRecord {
    @Nullable
    String baseName;

    @Nullable
    BigDecimal baseTime;

    @Nullable
    String baseUnit;

    @Nullable
    BigDecimal baseValue;

    @Nullable
    BigDecimal baseSum;

    @Nullable
    BigDecimal baseVersion;

    @Nullable
    String name;

    @Nullable
    String unit;

    @Nullable
    BigDecimal value;

    @Nullable
    String text;

    @Nullable
    Boolean bool;

    /** As base64url, without padding. */
    @Nullable
    String data;

    @Nullable
    BigDecimal sum;

    @Nullable
    BigDecimal time;

    @Nullable
    BigDecimal updateTime;

    void clear() {
        baseName = null;
        baseTime = null;
        baseUnit = null;
        baseValue = null;
        baseSum = null;
        baseVersion = null;
        name = null;
        unit = null;
        value = null;
        text = null;
        bool = null;
        data = null;
        sum = null;
        time = null;
        updateTime = null;
    }

    /** Values of which a record has one. */
    int values() {
        return (value == null ? 0 : 1) + (text == null ? 0 : 1) + (bool == null ? 0 : 1) + (data == null ? 0 : 1);
    }
}
