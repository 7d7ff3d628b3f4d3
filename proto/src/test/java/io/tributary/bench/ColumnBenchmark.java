package io.tributary.bench;

import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Columns of 1,000 values of the fleet, one after the other, on one core. 32 of them, encoded and decoded, fit the
 * second-level cache, as the columns of a chunk do.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.MICROSECONDS) // values per microsecond: millions of values per second
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class ColumnBenchmark {
    private static final int COLUMNS = 32;
    private static final int ROWS = 1000;
    private static final int VALUES = COLUMNS * ROWS;

    /** What is in the columns. */
    @Param({"gauges", "full_precision", "counters", "states", "doors", "times"})
    public String signal = "gauges";

    private final double[][] doubles = new double[COLUMNS][];
    private final long[][] longs = new long[COLUMNS][];
    private final byte[][] encoded = new byte[COLUMNS][];
    private final ByteSink out = new ByteSink(16 * ROWS);
    private final double[] doubleTarget = new double[ROWS];
    private final long[] longTarget = new long[ROWS];

    @Setup
    public void fill() {
        for (int column = 0; column < COLUMNS; column++) {
            double[][] device = FleetSignals.columns(column, ROWS, !signal.equals("full_precision"));
            double[] values = switch (signal) {
                case "gauges" -> device[column % 3];
                case "full_precision" -> device[3 + column % 3];
                case "counters" -> device[6 + column % 2];
                case "states" -> device[8];
                case "doors" -> device[9];
                default -> new double[0];
            };
            doubles[column] = values;
            longs[column] = new long[ROWS];
            for (int row = 0; row < ROWS; row++) {
                longs[column][row] = values.length > 0
                        ? (long) values[row]
                        : FleetSignals.BASE_NS + row * FleetSignals.INTERVAL_NS + column;
            }
            out.clear();
            encode(column);
            encoded[column] = out.toByteArray();
        }
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public int encode() {
        int bytes = 0;
        for (int column = 0; column < COLUMNS; column++) {
            out.clear();
            encode(column);
            bytes += out.size();
        }
        return bytes;
    }

    private void encode(int column) {
        switch (signal) {
            case "gauges", "full_precision" -> DoubleCodec.encode(doubles[column], 0, ROWS, out);
            case "doors" -> BoolCodec.encode(longs[column], 0, ROWS, out);
            default -> LongCodec.encode(longs[column], 0, ROWS, out);
        }
    }

    @Benchmark
    @OperationsPerInvocation(VALUES)
    public Object decode() throws CorruptColumnException {
        for (byte[] column : encoded) {
            ByteSource in = new ByteSource(column);
            switch (signal) {
                case "gauges", "full_precision" -> DoubleCodec.decode(in, ROWS, doubleTarget);
                case "doors" -> BoolCodec.decode(in, ROWS, longTarget);
                default -> LongCodec.decode(in, ROWS, longTarget);
            }
        }
        return signal.equals("gauges") ? doubleTarget : longTarget;
    }
}
