package io.tributary.agent.process;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class GlobTest {
    @ParameterizedTest
    @CsvSource({
        "*, anything, true",
        "temp*, temperature, true",
        "temp*, Temp, false",
        "*temp, room-temp, true",
        "a*b*c, aXbYbZc, true",
        "a*b*c, aXbYbZ, false",
        "?, x, true",
        "?, xy, false",
        "a?c, abc, true",
        "abc, abc, true",
        "abc, abcd, false",
        "a**, a, true",
        "press-?*, press-, false",
    })
    void matches(String pattern, String name, boolean expected) {
        assertThat(Glob.parse(pattern).matches(name)).isEqualTo(expected);
    }

    @Test
    void manyStars_takeNoTime() {
        assertThat(Glob.parse("*a".repeat(100)).matches("a".repeat(250) + "b")).isFalse();
    }
}
