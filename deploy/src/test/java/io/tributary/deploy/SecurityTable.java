package io.tributary.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A table of SECURITY.md: what each attempt meets at each listener. The page is the test's expectation. */
final class SecurityTable {
    private SecurityTable() {}

    /** By row and column; cells with a dash are left out. */
    static Map<String, Map<String, String>> under(Path page, String heading) throws IOException {
        List<String> lines = Files.readAllLines(page);
        int at = lines.indexOf(heading);
        if (at < 0) {
            throw new IllegalStateException(page + " has no heading \"" + heading + "\"");
        }
        while (!lines.get(at).startsWith("|")) {
            at++;
        }
        List<String> columns = cells(lines.get(at));
        Map<String, Map<String, String>> table = new LinkedHashMap<>();
        for (at += 2; at < lines.size() && lines.get(at).startsWith("|"); at++) {
            List<String> cells = cells(lines.get(at));
            Map<String, String> row = new LinkedHashMap<>();
            for (int i = 1; i < columns.size(); i++) {
                if (!cells.get(i).equals("–")) {
                    row.put(columns.get(i), cells.get(i));
                }
            }
            table.put(cells.get(0), row);
        }
        return table;
    }

    private static List<String> cells(String line) {
        List<String> cells = new ArrayList<>();
        String inner = line.strip();
        for (String cell : inner.substring(1, inner.length() - 1).split("\\|", -1)) {
            cells.add(cell.strip().replace("`", ""));
        }
        return cells;
    }
}
