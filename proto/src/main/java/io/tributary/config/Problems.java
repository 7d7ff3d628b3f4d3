package io.tributary.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** Collects the problems of one file. */
final class Problems {
    /** Beyond this a list no longer helps; it also bounds what a hostile file can make us print. */
    private static final int MAX = 200;

    private final String file;
    private final List<ConfigProblem> found = new ArrayList<>();
    private int count;

    Problems(String file) {
        this.file = file;
    }

    void add(Node node, String path, String message) {
        Mark mark = node.getStartMark().orElse(null);
        add(mark == null ? 1 : mark.getLine() + 1, mark == null ? 1 : mark.getColumn() + 1, path, message);
    }

    void add(int line, int column, String path, String message) {
        if (++count <= MAX) {
            found.add(new ConfigProblem(file, line, column, path, message));
        }
    }

    int count() {
        return count;
    }

    void throwIfAny() throws ConfigException {
        if (count > 0) {
            found.sort(Comparator.comparingInt(ConfigProblem::line).thenComparingInt(ConfigProblem::column));
            if (count > MAX) {
                found.add(new ConfigProblem(file, 0, 0, "", (count - MAX) + " more problems"));
            }
            throw new ConfigException(found);
        }
    }
}
