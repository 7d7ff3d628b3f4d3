package io.tributary.collector.query;

import io.tributary.model.Column;
import io.tributary.model.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * A comparison that decides whether a reading counts.
 *
 * <pre>
 * value>20              the reading's own value, whatever its channel
 * temperature:value>20  the own value of readings of one channel; others are left alone
 * velocity>1            every reading whose device had, at the same event time, such a reading of this channel
 * </pre>
 *
 * Numbers are compared as doubles, longs with whole numbers exactly, bools as 0 and 1 or {@code true} and {@code false};
 * texts with {@code =} and {@code !=} only. NaN is unequal to everything. A number is never equal to a text.
 *
 * @param subject whose value
 * @param channel its name; empty for {@link Subject#OWN}
 * @param literal as it was written
 */
public record Condition(Subject subject, String channel, Comparison comparison, String literal) {
    private static final String OWN = "value";
    private static final String OWN_OF_CHANNEL = ":value";

    /** Whose value is compared. */
    public enum Subject {
        OWN,
        OWN_OF_CHANNEL,
        ROW
    }

    /** How. */
    public enum Comparison {
        LESS_OR_EQUAL("<="),
        GREATER_OR_EQUAL(">="),
        NOT_EQUAL("!="),
        LESS("<"),
        GREATER(">"),
        EQUAL("=");

        private final String sign;

        Comparison(String sign) {
            this.sign = sign;
        }

        private boolean holds(int order) {
            return switch (this) {
                case LESS -> order < 0;
                case LESS_OR_EQUAL -> order <= 0;
                case GREATER -> order > 0;
                case GREATER_OR_EQUAL -> order >= 0;
                case EQUAL -> order == 0;
                case NOT_EQUAL -> order != 0;
            };
        }

        private boolean holds(double a, double b) {
            return switch (this) {
                case LESS -> a < b;
                case LESS_OR_EQUAL -> a <= b;
                case GREATER -> a > b;
                case GREATER_OR_EQUAL -> a >= b;
                case EQUAL -> a == b;
                case NOT_EQUAL -> a != b;
            };
        }

        private boolean isOrder() {
            return this != EQUAL && this != NOT_EQUAL;
        }
    }

    public Condition {
        if (literal.isEmpty() || subject != Subject.OWN && channel.isEmpty()) {
            throw bad(channel + comparison.sign + literal);
        }
        if (comparison.isOrder() && !isNumber(literal)) {
            throw QueryException.invalid("where compares with \"" + shown(literal) + "\", expected a number with "
                    + comparison.sign + ", texts only with = and !=");
        }
    }

    /** Reads {@code value>20}. */
    public static Condition parse(String text) {
        for (int i = 1; i < text.length(); i++) {
            for (Comparison comparison : Comparison.values()) {
                if (text.startsWith(comparison.sign, i)) {
                    String literal = text.substring(i + comparison.sign.length());
                    return of(text.substring(0, i), comparison, literal);
                }
            }
        }
        throw bad(text);
    }

    private static Condition of(String name, Comparison comparison, String literal) {
        if (name.equals(OWN)) {
            return new Condition(Subject.OWN, "", comparison, literal);
        }
        return name.endsWith(OWN_OF_CHANNEL)
                ? new Condition(
                        Subject.OWN_OF_CHANNEL,
                        name.substring(0, name.length() - OWN_OF_CHANNEL.length()),
                        comparison,
                        literal)
                : new Condition(Subject.ROW, name, comparison, literal);
    }

    private static QueryException bad(String text) {
        return QueryException.invalid("where is \"" + shown(text)
                + "\", expected value>20, CHANNEL:value>20 or CHANNEL>20, with one of < <= > >= = !=");
    }

    private static String shown(String text) {
        String part = text.length() > 60 ? text.substring(0, 60) + "…" : text;
        return part.replaceAll("\\p{Cntrl}", "?");
    }

    private static boolean isNumber(String literal) {
        return !Double.isNaN(number(literal));
    }

    /** NaN when it is none. */
    private static double number(String literal) {
        if (literal.equals("true")) {
            return 1;
        }
        if (literal.equals("false")) {
            return 0;
        }
        try {
            return Double.parseDouble(literal);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    private static @Nullable Long whole(String literal) {
        try {
            return Long.parseLong(literal);
        } catch (NumberFormatException e) {
            return null;
        }
    }

    /** Whether it is about the own value of a channel's readings. */
    boolean isOwn(String ofChannel) {
        return subject == Subject.OWN || subject == Subject.OWN_OF_CHANNEL && channel.equals(ofChannel);
    }

    /**
     * Takes out of {@code picked} the rows of a column that the condition does not hold for.
     *
     * @param picked ascending, changed in place
     * @return how many are left
     */
    int keep(Column values, int[] picked, int count) {
        int kept = 0;
        if (values.type() == ValueType.STRING) {
            String[] texts = values.strings();
            for (int i = 0; i < count; i++) {
                if (comparison == Comparison.NOT_EQUAL != texts[picked[i]].equals(literal) && !comparison.isOrder()) {
                    picked[kept++] = picked[i];
                }
            }
            return kept;
        }
        Long whole = values.type() == ValueType.DOUBLE ? null : whole(literal);
        double number = number(literal);
        for (int i = 0; i < count; i++) {
            int row = picked[i];
            boolean holds = whole != null
                    ? comparison.holds(Long.compare(values.longs()[row], whole))
                    : comparison.holds(
                            values.type() == ValueType.DOUBLE ? values.doubles()[row] : values.longs()[row], number);
            if (holds) {
                picked[kept++] = row;
            }
        }
        return kept;
    }

    /** Whether it holds for every value of a block without NaN; both this and {@link #holdsForNone} may be false. */
    boolean holdsForAll(double min, double max) {
        double number = number(literal);
        return switch (comparison) {
            case LESS, LESS_OR_EQUAL -> comparison.holds(max, number);
            case GREATER, GREATER_OR_EQUAL -> comparison.holds(min, number);
            case EQUAL -> min == number && max == number;
            case NOT_EQUAL -> number < min || number > max || Double.isNaN(number);
        };
    }

    boolean holdsForNone(double min, double max) {
        double number = number(literal);
        return switch (comparison) {
            case LESS, LESS_OR_EQUAL -> !comparison.holds(min, number);
            case GREATER, GREATER_OR_EQUAL -> !comparison.holds(max, number);
            case EQUAL -> number < min || number > max || Double.isNaN(number);
            case NOT_EQUAL -> min == number && max == number;
        };
    }
}
