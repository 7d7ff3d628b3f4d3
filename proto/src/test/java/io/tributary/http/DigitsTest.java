package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DigitsTest {
    @Test
    void digits_areThoseOfTheLibrary() {
        for (long power = 1, i = 0; i < 19; i++, power = i < 19 ? power * 10 : power) {
            check(power - 1);
            check(power);
            check(power + 1);
        }
        check(Long.MAX_VALUE);
        check(0);
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            check(random.nextLong() >>> (1 + random.nextInt(62)));
        }
    }

    private static void check(long value) {
        String expected = Long.toString(value);
        assertThat(Digits.count(value)).as("%d", value).isEqualTo(expected.length());
        assertThat(written(value, expected.length())).isEqualTo(expected);
        assertThat(written(value, 19)).isEqualTo("%019d".formatted(value));
    }

    private static String written(long value, int length) {
        byte[] to = new byte[25];
        assertThat(Digits.write(value, length, to, 3)).isEqualTo(3 + length);
        return new String(to, 3, length, StandardCharsets.US_ASCII);
    }
}
