package io.tributary.agent.process;

/** What a step does to a reading; labels of metrics. The number of a step is its place in the order. */
enum Effect {
    SCALED("1-scale", "changed", ""),
    MARKED("2-plausible", "marked", ""),
    DROPPED("2-plausible", "suppressed", "implausible"),
    WINDOWED("3-window", "suppressed", "windowed"),
    WINDOW_BYPASSED("3-window", "passed", ""),
    LATE("3-filter", "passed-late", ""),
    OVERDUE("3-filter", "passed-overdue", ""),
    UNCHANGED("3-on-change", "suppressed", "on-change"),
    WITHIN_DEADBAND("4-deadband", "suppressed", "deadband"),
    TOO_SOON("5-min-interval", "suppressed", "min-interval"),
    PASSED("6-end", "passed", "");

    final String step;
    final String result;
    /** Of the suppression; empty when the reading goes on. */
    final String cause;

    Effect(String step, String result, String cause) {
        this.step = step;
        this.result = result;
        this.cause = cause;
    }
}
