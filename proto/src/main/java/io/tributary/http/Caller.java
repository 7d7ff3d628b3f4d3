package io.tributary.http;

import java.util.function.Predicate;

/**
 * Who asks, as {@link AccessControl} found.
 *
 * @param name for logs and the audit log
 * @param scope the devices it may see
 */
public record Caller(String name, Predicate<String> scope, boolean isScoped) {
    /** Where nobody is asked who he is. */
    public static final Caller ANYBODY = new Caller("anybody", device -> true, false);

    /** False for a device that has to look as if it were not there. */
    public boolean maySee(String device) {
        return !isScoped || scope.test(device);
    }
}
