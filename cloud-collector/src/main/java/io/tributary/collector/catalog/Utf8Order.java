package io.tributary.collector.catalog;

import java.util.Comparator;

/** The order of texts by their UTF-8 bytes, which is that of their code points; {@link String#compareTo} differs. */
public final class Utf8Order implements Comparator<String> {
    public static final Utf8Order INSTANCE = new Utf8Order();

    private Utf8Order() {}

    @Override
    public int compare(String a, String b) {
        int length = Math.min(a.length(), b.length());
        for (int i = 0; i < length; i++) {
            char c = a.charAt(i);
            char d = b.charAt(i);
            if (c != d) {
                return Integer.compare(weight(c), weight(d));
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Surrogates stand for code points behind every other char. */
    private static int weight(char c) {
        return Character.isSurrogate(c) ? c + 0x10000 : c;
    }
}
