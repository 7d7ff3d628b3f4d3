package io.tributary.deploy;

import java.util.List;

/**
 * How an attempt ended.
 *
 * @param word as the tables of SECURITY.md say it
 * @param said what the server told the client; empty where the protocol has no words
 */
record Outcome(String word, String said) {
    static final Outcome TAKEN = new Outcome("taken", "");
    static final Outcome ALERT = new Outcome("alert", "");

    /** False for what has to look as if it were not there, too: that is no attempt to record. */
    boolean isRefusal() {
        return !List.of("taken", "nothing", "404").contains(word);
    }
}
