package io.tributary.agent.process;

import io.tributary.model.Table;
import java.util.Map;

/** A reading as a line of line protocol, as {@code decode: {type: line}} reads it by default. */
final class LineText {
    private LineText() {}

    static String of(ReadingCursor cursor) {
        StringBuilder line = new StringBuilder("reading,device=");
        name(line, cursor.device().id());
        for (Map.Entry<String, String> tag : cursor.device().tags().entrySet()) {
            if (!tag.getKey().isEmpty()
                    && !tag.getKey().equals("device")
                    && !tag.getValue().isEmpty()) {
                line.append(',');
                name(line, tag.getKey());
                line.append('=');
                name(line, tag.getValue());
            }
        }
        line.append(' ');
        name(line, cursor.channel().name());
        line.append('=');
        value(line, cursor);
        if (cursor.eventNs() != Table.STAMP_ON_ARRIVAL) {
            line.append(' ').append(cursor.eventNs());
        }
        return line.append('\n').toString();
    }

    private static void value(StringBuilder line, ReadingCursor cursor) {
        switch (cursor.channel().type()) {
            case DOUBLE -> {
                double value = Double.longBitsToDouble(cursor.bits());
                line.append(Double.isFinite(value) ? Double.toString(value) : "\"" + value + "\"");
            }
            case LONG -> line.append(cursor.bits()).append('i');
            case BOOL -> line.append(cursor.bits() != 0);
            case STRING -> {
                line.append('"');
                for (int i = 0; i < cursor.text().length(); i++) {
                    char c = cursor.text().charAt(i);
                    line.append(c == '"' || c == '\\' ? "\\" : "").append(c);
                }
                line.append('"');
            }
        }
    }

    private static void name(StringBuilder line, String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            line.append(c == ',' || c == ' ' || c == '=' ? "\\" : "").append(c < ' ' || c == 0x7f ? '?' : c);
        }
    }
}
