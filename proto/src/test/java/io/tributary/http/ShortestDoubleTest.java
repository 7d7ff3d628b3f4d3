package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ShortestDoubleTest {
    private static String text(double value) {
        byte[] to = new byte[ShortestDouble.BYTES_MAX + 3];
        int end = ShortestDouble.write(value, to, 3);
        assertThat(end).isLessThanOrEqualTo(to.length);
        return new String(to, 3, end - 3, StandardCharsets.US_ASCII);
    }

    @Test
    void write_givesWhatIsKnown() {
        double[] values = {
            0,
            -0.0,
            1,
            -1,
            0.1,
            0.001,
            0.0009999,
            1e7,
            9999999,
            12345678,
            0.3,
            1.5,
            100,
            1e21,
            1e22,
            1e23,
            2e-3,
            9007199254740993.0,
            123456.789,
            1e-7,
            1.1,
            5e-324,
            Double.MIN_NORMAL,
            Double.MAX_VALUE,
            Math.PI,
            -1e300 / 3,
            2.2250738585072011e-308,
            1.0E10,
            20.0,
            4.35,
            8.41E21,
            2.0E-3
        };
        String[] texts = {
            "0.0",
            "-0.0",
            "1.0",
            "-1.0",
            "0.1",
            "0.001",
            "9.999E-4",
            "1.0E7",
            "9999999.0",
            "1.2345678E7",
            "0.3",
            "1.5",
            "100.0",
            "1.0E21",
            "1.0E22",
            "1.0E23",
            "0.002",
            "9.007199254740992E15",
            "123456.789",
            "1.0E-7",
            "1.1",
            "4.9E-324",
            "2.2250738585072014E-308",
            "1.7976931348623157E308",
            "3.141592653589793",
            "-3.3333333333333335E299",
            "2.225073858507201E-308",
            "1.0E10",
            "20.0",
            "4.35",
            "8.41E21",
            "0.002"
        };
        for (int i = 0; i < values.length; i++) {
            assertThat(text(values[i])).isEqualTo(texts[i]);
        }
    }

    @Test
    void write_readsBackBitForBit_andIsNeverLongerThanTheJdk() {
        Random random = new Random(1);
        for (int i = 0; i < 400_000; i++) {
            double value = switch (i % 4) {
                case 0 -> Double.longBitsToDouble(random.nextLong());
                case 1 -> random.nextGaussian() * 100;
                case 2 -> random.nextInt(1_000_000) / Math.pow(10, random.nextInt(8));
                default -> Double.longBitsToDouble(random.nextLong() >>> 1 & ~0L << random.nextInt(52));
            };
            if (!Double.isFinite(value)) {
                continue;
            }
            String text = text(value);
            assertThat(Double.doubleToRawLongBits(Double.parseDouble(text)))
                    .as(text)
                    .isEqualTo(Double.doubleToRawLongBits(value));
            String jdk = Double.toString(value);
            int digits = new BigDecimal(text).stripTrailingZeros().precision();
            // 4.9E-324: two digits at least, as in the JDK.
            assertThat(digits)
                    .as(text)
                    .isLessThanOrEqualTo(
                            Math.max(2, new BigDecimal(jdk).stripTrailingZeros().precision()));
        }
    }
}
