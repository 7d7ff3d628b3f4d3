package io.tributary.sim;

/**
 * How fast event time passes.
 *
 * @param factor seconds of event time per second; infinite: as fast as the agent takes it
 */
record Speed(double factor) {
    static Speed parse(String text) {
        if (text.equals("max")) {
            return new Speed(Double.POSITIVE_INFINITY);
        }
        try {
            double factor = Double.parseDouble(text);
            if (factor > 0 && factor <= 1e9) {
                return new Speed(factor);
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("'" + text + "', expected max or a number above 0", e);
        }
        throw new IllegalArgumentException("'" + text + "', expected max or a number above 0");
    }

    boolean isMax() {
        return Double.isInfinite(factor);
    }
}
