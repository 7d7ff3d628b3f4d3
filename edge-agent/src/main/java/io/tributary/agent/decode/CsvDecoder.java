package io.tributary.agent.decode;

import io.tributary.model.Batch;
import io.tributary.model.Names;
import io.tributary.model.Table;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/** Separated values, line by line; empty cells make no reading. Any thread. */
final class CsvDecoder implements Decoder {
    private final CsvConfig config;
    private final DecoderContext context;
    private final char separator;

    CsvDecoder(CsvConfig config, DecoderContext context) {
        this.config = config;
        this.context = context;
        this.separator = config.separator().charAt(0);
    }

    /** @param quoted so that "20" in quotes stays a text */
    private record Cell(String text, boolean quoted) {}

    @Override
    public Batch decode(Message message) throws MalformedException {
        if (message.payload().length > config.payloadBytesMax().bytes()) {
            throw new MalformedException("a payload of " + message.payload().length + " bytes, expected at most "
                    + config.payloadBytesMax());
        }
        String text = ValueTexts.utf8(message.payload());
        List<String> columns = config.columns();
        Readings readings = new Readings(message.names());
        int number = 0;
        int at = text.startsWith("\uFEFF") ? 1 : 0; // the mark that some programs begin a file with
        while (at < text.length()) {
            int feed = text.indexOf('\n', at);
            int end = feed < 0 ? text.length() : feed;
            int last = end > at && text.charAt(end - 1) == '\r' ? end - 1 : end;
            number++;
            try {
                if (last > at) {
                    List<Cell> cells = cells(text, at, last);
                    if (columns.isEmpty()) {
                        columns = header(cells);
                    } else {
                        row(columns, cells, readings);
                    }
                }
            } catch (MalformedException | IllegalArgumentException e) { // the latter of names that the model refuses
                throw new MalformedException("line " + number + ": " + e.getMessage());
            }
            at = end + 1;
        }
        return readings.build();
    }

    private List<Cell> cells(String text, int from, int to) throws MalformedException {
        List<Cell> cells = new ArrayList<>();
        int at = from;
        while (true) {
            if (cells.size() >= CsvConfig.COLUMNS_MAX) {
                throw new MalformedException("more than " + CsvConfig.COLUMNS_MAX + " columns");
            }
            if (at < to && text.charAt(at) == '"') {
                StringBuilder value = new StringBuilder();
                at = quoted(text, at + 1, to, value, cells.size() + 1);
                cells.add(new Cell(value.toString(), true));
            } else {
                int end = text.indexOf(separator, at);
                end = end < 0 || end > to ? to : end;
                cells.add(new Cell(text.substring(at, end).strip(), false));
                at = end;
            }
            if (at >= to) {
                return cells;
            }
            at++;
        }
    }

    /** @return where the cell ends: at a separator, or the end of the line */
    private int quoted(String text, int from, int to, StringBuilder value, int column) throws MalformedException {
        int at = from;
        while (at < to) {
            char c = text.charAt(at++);
            if (c != '"') {
                value.append(c);
            } else if (at < to && text.charAt(at) == '"') {
                value.append('"');
                at++;
            } else if (at == to || text.charAt(at) == separator) {
                return at;
            } else {
                throw new MalformedException("column " + column + " goes on behind its closing quote");
            }
        }
        throw new MalformedException("column " + column + " has no closing quote in this line");
    }

    private List<String> header(List<Cell> cells) throws MalformedException {
        List<String> names = new ArrayList<>(cells.size());
        for (Cell cell : cells) {
            names.add(cell.text());
        }
        if (new HashSet<>(names).size() != names.size()) {
            throw new MalformedException("a header with a name twice");
        }
        for (String wanted : new String[] {config.time(), config.deviceColumn()}) {
            if (!wanted.isEmpty() && !names.contains(wanted)) {
                throw new MalformedException("a header without column \"" + wanted + "\"");
            }
        }
        return names;
    }

    private void row(List<String> columns, List<Cell> cells, Readings readings) throws MalformedException {
        if (cells.size() != columns.size()) {
            throw new MalformedException(cells.size() + " columns, expected " + columns.size());
        }
        String device = config.device();
        long time = Table.STAMP_ON_ARRIVAL;
        Map<String, String> tags = new HashMap<>();
        for (int i = 0; i < cells.size(); i++) {
            String column = columns.get(i);
            String text = cells.get(i).text();
            if (column.isEmpty()) {
                continue;
            } else if (column.equals(config.time())) {
                time = EpochTimes.ns(text, config.timeFormat(), config.zone());
            } else if (column.equals(config.deviceColumn())) {
                device = text;
            } else if (config.tags().contains(column) && !text.isEmpty()) {
                tags.put(column, text);
            }
        }
        if (!device.isEmpty()) {
            Names.check("device", device);
        }
        boolean open = false;
        for (int i = 0; i < cells.size(); i++) {
            String column = columns.get(i);
            Cell cell = cells.get(i);
            if (!isChannel(column)) {
                continue;
            }
            if (cell.text().isEmpty() && !cell.quoted()) {
                context.metrics().skipped.labelValues(context.source(), "empty").inc();
                continue;
            }
            if (!open) {
                readings.row(device, tags, time);
                open = true;
            }
            readings.addText(
                    column, config.units().getOrDefault(column, ""), config.value(), cell.text(), cell.quoted());
        }
    }

    private boolean isChannel(String column) {
        return !column.equals(config.time())
                && !column.equals(config.deviceColumn())
                && !config.tags().contains(column)
                && !config.ignore().contains(column)
                && !column.isEmpty();
    }
}
