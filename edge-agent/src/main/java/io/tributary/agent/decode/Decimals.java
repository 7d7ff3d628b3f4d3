package io.tributary.agent.decode;

import java.math.BigDecimal;

/** Decimal numbers out of payloads, with bounds on what calculating with them can cost. */
final class Decimals {
    /** The range of doubles; a sum of two such has at most twice as many digits. */
    private static final int EXPONENT_MAX = 400;

    private Decimals() {}

    /** @param text as {@link ValueTexts#isNumber} has it */
    static BigDecimal parse(String text) throws MalformedException {
        if (!ValueTexts.isNumber(text)) {
            throw new MalformedException(
                    "\"" + ValueTexts.shown(text) + "\", expected a number within the range of doubles");
        }
        return checked(new BigDecimal(text.endsWith(".") ? text.substring(0, text.length() - 1) : text));
    }

    /** The shortest decimal that is this double: 1276020076.001 rather than ...0010001659. */
    static BigDecimal of(double number) throws MalformedException {
        if (!Double.isFinite(number)) {
            throw new MalformedException(number + ", expected a finite number");
        }
        return new BigDecimal(Double.toString(number));
    }

    static BigDecimal add(BigDecimal a, BigDecimal b) throws MalformedException {
        return checked(a).add(checked(b));
    }

    private static BigDecimal checked(BigDecimal number) throws MalformedException {
        if (Math.abs((long) number.scale()) > EXPONENT_MAX || number.precision() > EXPONENT_MAX) {
            throw new MalformedException(
                    "\"" + ValueTexts.shown(number.toString()) + "\", expected an exponent of at most " + EXPONENT_MAX);
        }
        return number;
    }
}
