package io.tributary.bench;

import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSink;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import java.util.Locale;

/** Prints bytes per value of columns of the fleet, ours and those of Apache TsFile's lossless encodings, as a table. */
public final class EncoderSizes {
    private static final int DEVICES = 50;
    private static final int ROWS = 1000;
    private static final String[] NAMES = {
        "temperature, 2 decimals",
        "humidity, 2 decimals",
        "voltage, 2 decimals",
        "latitude",
        "longitude",
        "velocity",
        "odometer",
        "messages",
        "status",
        "door"
    };
    private static final int FULL = 3;
    private static final int LONGS = 6;
    private static final int BOOL = 9;

    private EncoderSizes() {}

    public static void main(String[] args) {
        StringBuilder head = new StringBuilder("| column | ours |");
        StringBuilder line = new StringBuilder("|---|---|");
        for (TsFileColumns other : TsFileColumns.values()) {
            head.append(' ').append(other).append(" |");
            line.append("---|");
        }
        System.out.println(head);
        System.out.println(line);
        for (int column = 0; column < NAMES.length; column++) {
            print(NAMES[column] + (column >= FULL && column < LONGS ? ", full precision" : ""), column, false);
            if (column >= FULL && column < LONGS) {
                print(NAMES[column] + (column < LONGS - 1 ? ", 6 decimals" : ", 2 decimals"), column, true);
            }
        }
    }

    private static void print(String name, int column, boolean rounded) {
        long ours = 0;
        long[] others = new long[TsFileColumns.values().length];
        for (int device = 0; device < DEVICES; device++) {
            double[] values = FleetSignals.columns(device, ROWS, rounded)[column];
            long[] longs = new long[ROWS];
            for (int row = 0; row < ROWS; row++) {
                longs[row] = (long) values[row];
            }
            ByteSink out = new ByteSink(16 * ROWS);
            if (column < LONGS) {
                DoubleCodec.encode(values, 0, ROWS, out);
            } else if (column < BOOL) {
                LongCodec.encode(longs, 0, ROWS, out);
            } else {
                BoolCodec.encode(longs, 0, ROWS, out);
            }
            ours += out.size();
            for (TsFileColumns other : TsFileColumns.values()) {
                if (column >= LONGS) {
                    others[other.ordinal()] += other.encode(longs).length;
                } else if (other.takesDoubles()) {
                    others[other.ordinal()] += other.encode(values).length;
                }
            }
        }
        StringBuilder row = new StringBuilder("| " + name + " | " + perValue(ours) + " |");
        for (long bytes : others) {
            row.append(' ').append(bytes == 0 ? "" : perValue(bytes)).append(" |");
        }
        System.out.println(row);
    }

    private static String perValue(long bytes) {
        return String.format(Locale.ROOT, "%.3f", (double) bytes / DEVICES / ROWS);
    }
}
