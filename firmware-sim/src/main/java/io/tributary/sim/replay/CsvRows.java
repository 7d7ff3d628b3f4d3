package io.tributary.sim.replay;

import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Rows of one CSV file, in its order. Cells that cannot be read are told and left out; so are rows without a time. */
final class CsvRows implements RowStream {
    private final InputFile file;
    private final Mapping mapping;
    private final DataFaults faults;
    private final CsvReader reader;
    private final TimeParser times;
    private final Set<String> missing;
    private final Channel[] channels;
    private final int[] channelColumns;
    private final int[] timeColumns;
    private final int columnCount;
    private final int deviceColumn;
    private final @Nullable Device fileDevice;
    private final Map<String, Device> devices = new HashMap<>();
    private final StringBuilder time = new StringBuilder();

    /** @throws IOException when the file cannot be read, or has no column that the mapping names */
    CsvRows(Path path, Mapping mapping, DataFaults faults) throws IOException {
        this.mapping = mapping;
        this.faults = faults;
        this.file = new InputFile(path);
        boolean opened = false;
        try {
            reader = new CsvReader(
                    file.reader(),
                    mapping.delimiter().charAt(0),
                    mapping.quote().charAt(0));
            times = new TimeParser(mapping.time());
            missing = new HashSet<>(mapping.missing());
            skipComments();
            List<String> columns = columns();
            columnCount = columns.size();
            timeColumns = new int[mapping.time().columns().size()];
            for (int i = 0; i < timeColumns.length; i++) {
                timeColumns[i] = indexOf(mapping.time().columns().get(i), columns);
            }
            channels = new Channel[mapping.channels().size()];
            channelColumns = new int[channels.length];
            for (int i = 0; i < channels.length; i++) {
                channels[i] = mapping.channels().get(i).channel();
                channelColumns[i] = indexOf(mapping.channels().get(i).column(), columns);
            }
            String column = mapping.device().column();
            deviceColumn = column == null ? -1 : indexOf(column, columns);
            fileDevice = column == null ? device(fileDeviceId(path)) : null;
            opened = true;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    private void skipComments() throws IOException {
        boolean more = !mapping.comment().isEmpty();
        while (more) {
            more = reader.skipLineStartingWith(mapping.comment());
        }
    }

    private List<String> columns() throws IOException {
        if (!mapping.header()) {
            return mapping.columns();
        }
        if (!reader.next()) {
            throw new IOException(file.path() + ": is empty, expected a header line");
        }
        List<String> names = new ArrayList<>();
        for (String name : reader.fields()) {
            names.add(name.strip());
        }
        return names;
    }

    private int indexOf(String column, List<String> columns) throws IOException {
        int index = columns.indexOf(column);
        if (index < 0) {
            throw new IOException(file.path() + ": has no column \"" + column + "\"; it has "
                    + DataFaults.shown(String.join(", ", columns)));
        }
        return index;
    }

    private String fileDeviceId(Path path) throws IOException {
        String id = mapping.device().id();
        String pattern = mapping.device().fileName();
        if (id != null) {
            return id;
        } else if (pattern == null) {
            throw new IllegalStateException("BUG: a device mapping without a source");
        }
        Matcher matcher = Pattern.compile(pattern).matcher(InputFile.plainName(path));
        String group = matcher.matches() ? matcher.group(1) : null;
        if (group == null || group.isEmpty()) {
            throw new IOException(path + ": the file name does not match the mapping's device.file-name " + pattern);
        }
        return group;
    }

    private Device device(String id) {
        return new Device(mapping.device().prefix() + id, mapping.device().tags());
    }

    @Override
    public @Nullable Row next() throws IOException {
        while (reader.next()) {
            Row row = row();
            if (row != null) {
                return row;
            }
        }
        return null;
    }

    /** Null when the record gives none. */
    private @Nullable Row row() {
        if (!reader.fault().isEmpty() || reader.size() != columnCount) {
            String fault =
                    reader.fault().isEmpty() ? reader.size() + " columns, expected " + columnCount : reader.fault();
            faults.row(file.path(), reader.line(), fault);
            return null;
        }
        Device device;
        try {
            device = rowDevice();
        } catch (IllegalArgumentException e) {
            faults.row(file.path(), reader.line(), String.valueOf(e.getMessage()));
            return null;
        }
        String timeText = timeText();
        long eventTime;
        try {
            eventTime = times.parse(timeText);
        } catch (IllegalArgumentException e) {
            faults.row(
                    file.path(),
                    reader.line(),
                    "time \"" + DataFaults.shown(timeText) + "\" in column " + (timeColumns[0] + 1) + " "
                            + e.getMessage());
            return null;
        }
        Row.Builder row = Row.builder(device, eventTime, channels.length);
        for (int i = 0; i < channels.length; i++) {
            addCell(row, i);
        }
        return row.size() == 0 ? null : row.build();
    }

    private void addCell(Row.Builder row, int channel) {
        String text = reader.field(channelColumns[channel]);
        if (missing.contains(text)) {
            return;
        }
        try {
            CellParser.addTo(row, channels[channel], text);
        } catch (IllegalArgumentException e) {
            int column = channelColumns[channel] + 1;
            String name = mapping.channels().get(channel).column();
            faults.cell(file.path(), reader.line(), column, name, text, String.valueOf(e.getMessage()));
        }
    }

    private Device rowDevice() {
        if (fileDevice != null) {
            return fileDevice;
        }
        String id = reader.field(deviceColumn);
        Device known = devices.get(id);
        if (known == null) {
            if (missing.contains(id)) {
                throw new IllegalArgumentException("no device ID in column " + (deviceColumn + 1));
            }
            known = device(id);
            devices.put(id, known);
        }
        return known;
    }

    private String timeText() {
        if (timeColumns.length == 1) {
            return reader.field(timeColumns[0]);
        }
        time.setLength(0);
        for (int i = 0; i < timeColumns.length; i++) {
            time.append(i == 0 ? "" : " ").append(reader.field(timeColumns[i]));
        }
        return time.toString();
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
