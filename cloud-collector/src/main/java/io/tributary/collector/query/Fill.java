package io.tributary.collector.query;

/** What stands in windows without readings. Counts are 0 there in any case. */
public enum Fill {
    /** The window is left out. */
    NONE,
    NULL,
    /** The value of the window before; null before the first. */
    PREVIOUS,
    /** On the straight line between the neighbours that have values, by the starts of the windows; null at the ends. */
    LINEAR;

    /**
     * Replaces NaN in the results of one function over all windows.
     *
     * @param values changed in place
     */
    void apply(double[] values, Windows windows) {
        if (this != PREVIOUS && this != LINEAR) {
            return;
        }
        int last = -1;
        for (int i = 0; i < values.length; i++) {
            if (Double.isNaN(values[i])) {
                if (this == PREVIOUS && last >= 0) {
                    values[i] = values[last];
                }
                continue;
            }
            if (this == LINEAR && last >= 0) {
                for (int gap = last + 1; gap < i; gap++) {
                    double part = ((double) windows.start(gap) - windows.start(last))
                            / ((double) windows.start(i) - windows.start(last));
                    values[gap] = values[last] + (values[i] - values[last]) * part;
                }
            }
            last = i;
        }
    }
}
