package io.tributary.config;

import java.util.Collection;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The known word that a mistyped one most likely means, for messages about configuration keys and HTTP parameters. */
public final class Suggestion {
    private Suggestion() {}

    /** Ready to be appended to a message: {@code "; did you mean \"x\"?"} or the list of what is known. */
    public static String of(String word, Collection<String> known) {
        String nearest = nearest(word, known);
        if (nearest != null) {
            return "; did you mean \"" + nearest + "\"?";
        }
        return known.isEmpty() ? "" : "; known here: " + String.join(", ", known);
    }

    private static @Nullable String nearest(String word, Collection<String> known) {
        if (word.length() > 64) {
            return null;
        }
        String folded = fold(word);
        String best = null;
        int bestDistance = Math.max(2, folded.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(folded, fold(candidate));
            if (distance < bestDistance && distance < candidate.length()) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    private static String fold(String word) {
        return word.toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Edits (insert, delete, replace, swap of neighbours): Damerau's optimal string alignment. */
    static int distance(String a, String b) {
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            d[i][0] = i;
        }
        for (int j = 0; j <= b.length(); j++) {
            d[0][j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            for (int j = 1; j <= b.length(); j++) {
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int least = Math.min(Math.min(d[i - 1][j], d[i][j - 1]) + 1, d[i - 1][j - 1] + (same ? 0 : 1));
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                d[i][j] = swapped ? Math.min(least, d[i - 2][j - 2] + 1) : least;
            }
        }
        return d[a.length()][b.length()];
    }
}
