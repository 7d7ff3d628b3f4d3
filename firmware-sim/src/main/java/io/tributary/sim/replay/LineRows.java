package io.tributary.sim.replay;

import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Rows of one file of line protocol, in its order. */
final class LineRows implements RowStream {
    private final InputFile file;
    private final BufferedReader reader;
    private final LineParser parser;
    private final DataFaults faults;
    private long lines;

    LineRows(Path path, Mapping mapping, DataFaults faults) throws IOException {
        this.file = new InputFile(path);
        this.reader = new BufferedReader(file.reader());
        this.parser = new LineParser(mapping);
        this.faults = faults;
    }

    @Override
    public @Nullable Row next() throws IOException {
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            lines++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            try {
                return parser.parse(line);
            } catch (IllegalArgumentException e) {
                faults.row(file.path(), lines, String.valueOf(e.getMessage()));
            }
        }
        return null;
    }

    @Override
    public double fraction() {
        return file.size() == 0 ? 1 : (double) file.bytesRead() / file.size();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
