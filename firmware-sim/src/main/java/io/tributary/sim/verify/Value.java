package io.tributary.sim.verify;

import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A value with its quality, as the ledger has it or as the collector tells it.
 *
 * @param bits a double's raw bits, a long, 0 or 1; 0 for a string
 * @param text of a string, else null
 * @param quality a code; of the collector's words only the severity is known
 * @param typeKnown false when the type was guessed from the form of a JSON value
 */
record Value(ValueType type, long bits, @Nullable String text, int quality, boolean typeKnown) {
    /** Of a quality word that is none of ours: like nothing. */
    static final int QUALITY_UNKNOWN = -1;

    private static final int SEVERITY_BITS = 0xc0;

    /** Whether the collector's {@code told} value is this one of the ledger, bit for bit. */
    boolean isToldAs(Value told) {
        return sameQuality(told.quality) && sameValue(told);
    }

    boolean equalsInLedger(Value other) {
        return type == other.type && bits == other.bits && quality == other.quality && Objects.equals(text, other.text);
    }

    private boolean sameQuality(int told) {
        return told != QUALITY_UNKNOWN && (quality & SEVERITY_BITS) == (told & SEVERITY_BITS);
    }

    private boolean sameValue(Value told) {
        if (type == told.type) {
            return type == ValueType.DOUBLE ? sameDouble(Double.longBitsToDouble(told.bits)) : same(told);
        }
        if (type != ValueType.DOUBLE || told.typeKnown) {
            return false;
        }
        // JSON does not tell 3 from 3.0, and has no number for NaN.
        return switch (told.type) {
            case LONG -> sameDouble(told.bits);
            case STRING -> told.text != null && sameWord(told.text);
            default -> false;
        };
    }

    private boolean same(Value told) {
        return bits == told.bits && Objects.equals(text, told.text);
    }

    /** NaN payloads do not survive text. */
    private boolean sameDouble(double told) {
        return Double.doubleToLongBits(Double.longBitsToDouble(bits)) == Double.doubleToLongBits(told);
    }

    private boolean sameWord(String word) {
        double value = Double.longBitsToDouble(bits);
        return !Double.isFinite(value) && Double.toString(value).equals(word);
    }

    @Override
    public String toString() {
        String shown = switch (type) {
            case DOUBLE -> Double.toString(Double.longBitsToDouble(bits));
            case LONG -> Long.toString(bits);
            case BOOL -> Boolean.toString(bits != 0);
            case STRING -> "\"" + text + "\"";
        };
        if (quality == Quality.GOOD) {
            return shown;
        }
        return shown + " (" + (quality == QUALITY_UNKNOWN ? "unknown quality" : Quality.severity(quality)) + ")";
    }
}
