package io.tributary.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class RequestRatesTest {
    private final AtomicLong nanos = new AtomicLong();
    private final RequestRates rates = new RequestRates(5, nanos::get);

    private int asked(String token, int times) {
        int let = 0;
        for (int i = 0; i < times; i++) {
            let += rates.mayAsk(token) ? 1 : 0;
        }
        return let;
    }

    @Test
    void token_mayAskTwoSecondsWorthAtOnce_thenAtItsRate_andOthersDoNotSuffer() {
        assertThat(asked("a", 100)).isEqualTo(10);
        assertThat(asked("b", 4)).isEqualTo(4);
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(600));
        assertThat(asked("a", 100)).isEqualTo(3);
        nanos.addAndGet(TimeUnit.HOURS.toNanos(1));
        assertThat(asked("a", 100)).isEqualTo(10);
    }

    @Test
    void address_isSlowedToOneTryASecondAfterTenWrongTokens() {
        for (int i = 0; i < 10; i++) {
            assertThat(rates.mayTry("10.0.0.1")).as("try %s", i).isTrue();
            rates.failed("10.0.0.1");
        }
        assertThat(rates.mayTry("10.0.0.1")).isFalse();
        assertThat(rates.mayTry("10.0.0.2")).isTrue();
        nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(1_100));
        assertThat(rates.mayTry("10.0.0.1")).isTrue();
        rates.failed("10.0.0.1");
        assertThat(rates.mayTry("10.0.0.1")).isFalse();
    }

    @Test
    void rightTokens_costAnAddressNothing() {
        rates.failed("10.0.0.1");
        for (int i = 0; i < 1_000; i++) {
            assertThat(rates.mayTry("10.0.0.1")).isTrue();
        }
    }

    @Test
    void manyAddresses_pushOutTheOneSeenLongestAgo() {
        for (int i = 0; i < 10; i++) {
            rates.failed("first");
        }
        for (int i = 0; i < RequestRates.KEPT_MAX - 1; i++) {
            rates.failed("other-" + i);
        }
        assertThat(rates.mayTry("first")).isFalse(); // and is the last one seen now
        rates.failed("one more");
        assertThat(rates.mayTry("first")).isFalse();
        for (int i = 0; i < RequestRates.KEPT_MAX; i++) {
            rates.failed("again-" + i);
        }
        assertThat(rates.mayTry("first")).isTrue();
    }
}
