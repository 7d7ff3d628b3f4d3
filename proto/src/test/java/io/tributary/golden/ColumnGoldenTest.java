package io.tributary.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.column.BoolCodec;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.column.DoubleCodec;
import io.tributary.column.LongCodec;
import io.tributary.column.StringCodec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Encoded columns written once, in every encoding there is, are read for ever. */
class ColumnGoldenTest {
    private static final Map<String, Set<Integer>> ENCODINGS = Map.of(
            "double", Set.of(0, 1, 2, 3, 4),
            "long", Set.of(0, 1, 2, 3, 4, 5, 6),
            "bool", Set.of(0, 1, 2),
            "string", Set.of(0));

    /** One line of columns.txt: {@code type | what it shows | hex | values}. */
    record Golden(String type, String what, byte[] bytes, List<String> values) {
        static Golden parse(String line) {
            String[] parts = line.split(" \\| ", -1);
            byte[] bytes = HexFormat.of().parseHex(parts[2].replace(" ", ""));
            return new Golden(parts[0], parts[1], bytes, List.of(parts[3].split(" ", -1)));
        }

        @Override
        public String toString() {
            return type + ": " + what;
        }
    }

    static List<Golden> goldens() {
        return GoldenText.lines("columns.txt").stream().map(Golden::parse).toList();
    }

    @ParameterizedTest
    @MethodSource("goldens")
    void oldColumn_decodesToTheSameValues(Golden golden) throws Exception {
        ByteSource in = new ByteSource(golden.bytes());

        assertThat(decode(golden.type(), in, golden.values().size())).isEqualTo(String.join(" ", golden.values()));
        in.expectEnd();
    }

    @Test
    void everyEncoding_hasAGoldenColumn() {
        Map<String, Set<Integer>> seen = new TreeMap<>();
        for (Golden golden : goldens()) {
            seen.computeIfAbsent(golden.type(), type -> new TreeSet<>()).add((int) golden.bytes()[0]);
        }

        assertThat(seen).isEqualTo(ENCODINGS);
    }

    @Test
    void laterEncoding_isRefusedByNumber() {
        ENCODINGS.forEach((type, known) -> {
            int later = known.size();
            ByteSource in = new ByteSource(new byte[] {(byte) later, 0, 0, 0, 0, 0, 0, 0, 0, 0});

            assertThatThrownBy(() -> decode(type, in, 1))
                    .isInstanceOf(CorruptColumnException.class)
                    .hasMessageContaining("encoding " + later)
                    .hasMessageContaining(type + " column");
        });
    }

    private static String decode(String type, ByteSource in, int size) throws CorruptColumnException {
        switch (type) {
            case "double" -> {
                double[] values = new double[size];
                DoubleCodec.decode(in, size, values);
                return GoldenText.of(values);
            }
            case "long" -> {
                long[] values = new long[size];
                LongCodec.decode(in, size, values);
                return GoldenText.of(values);
            }
            case "bool" -> {
                long[] values = new long[size];
                BoolCodec.decode(in, size, values);
                return GoldenText.of(values);
            }
            default -> {
                String[] values = new String[size];
                StringCodec.decode(in, size, values);
                return GoldenText.join(Arrays.stream(values));
            }
        }
    }
}
