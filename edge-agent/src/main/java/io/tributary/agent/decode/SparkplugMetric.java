package io.tributary.agent.decode;

import com.google.protobuf.ByteString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One metric as it stands in a payload; fields that are not there keep what is given here.
 *
 * <pre>
 * kind    NONE  INT               FLOATING        BOOL      TEXT   BYTES   TEMPLATE   OTHER (data sets, extensions)
 * value   -     bits (unsigned)   bits (double)   bits 0/1  text   bytes   members    -
 * </pre>
 */
final class SparkplugMetric {
    static final long NO_TIME = Long.MIN_VALUE;
    static final long NO_ALIAS = -1;

    enum Kind {
        NONE,
        INT,
        FLOATING,
        BOOL,
        TEXT,
        BYTES,
        TEMPLATE,
        OTHER
    }

    String name = "";
    long alias = NO_ALIAS;
    long timestampMillis = NO_TIME;
    int datatype;
    boolean isTransient;
    boolean isNull;
    Kind kind = Kind.NONE;
    long bits;
    String text = "";
    ByteString bytes = ByteString.EMPTY;
    List<SparkplugMetric> members = List.of();
    boolean isDefinition;
    /** Of the property that the configuration names; null when it is not there. */
    @Nullable
    String unit;

    /** Of the property Quality; -1 when it is not there. */
    int quality = -1;
}
