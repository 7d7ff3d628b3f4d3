package io.tributary.sim.link;

import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import org.jspecify.annotations.Nullable;

/** Rows as JSON documents on one line each. */
final class JsonText {
    private JsonText() {}

    /** Why no JSON can carry it; null when one can. */
    static @Nullable String whyUnsendable(Row row) {
        for (int i = 0; i < row.size(); i++) {
            String channel = row.channel(i).name();
            if (row.quality(i) != Quality.GOOD) {
                return "the message cannot carry a quality, channel \"" + channel + "\"";
            } else if (row.channel(i).type() == ValueType.DOUBLE && !Double.isFinite(row.doubleValue(i))) {
                return "the message cannot carry " + row.doubleValue(i) + ", channel \"" + channel + "\"";
            }
        }
        return null;
    }

    static void append(StringBuilder out, Row row) {
        out.append("{\"device\":");
        text(out, row.device().id());
        out.append(",\"time\":").append(row.eventTimeNs()).append(",\"values\":{");
        for (int i = 0; i < row.size(); i++) {
            if (i > 0) {
                out.append(',');
            }
            text(out, row.channel(i).name());
            out.append(':');
            value(out, row, i);
        }
        out.append("}}");
    }

    static void value(StringBuilder out, Row row, int i) {
        switch (row.channel(i).type()) {
            case DOUBLE -> out.append(row.doubleValue(i));
            case LONG -> out.append(row.bits(i));
            case BOOL -> out.append(row.bits(i) != 0);
            case STRING -> text(out, row.text(i));
        }
    }

    static void text(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
