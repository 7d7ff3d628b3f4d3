package io.tributary.listen;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

final class ConnectionRatesTest {
    private final AtomicLong nanos = new AtomicLong();
    private final ConnectionRates rates = new ConnectionRates(5, nanos::get);

    private int taken(String address, int tries) throws UnknownHostException {
        int taken = 0;
        for (int i = 0; i < tries; i++) {
            taken += rates.mayConnect(InetAddress.getByName(address)) ? 1 : 0;
        }
        return taken;
    }

    @Test
    void address_hasItsBurstAndThenItsRate() throws Exception {
        assertThat(taken("192.0.2.1", 1_000)).isEqualTo(5 * ConnectionRates.BURST_SECONDS);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(2));
        assertThat(taken("192.0.2.1", 1_000)).isEqualTo(10);
        assertThat(rates.refused()).isEqualTo(1_000 - 5 * ConnectionRates.BURST_SECONDS + 990);
    }

    @Test
    void otherAddresses_areNotHeldBack() throws Exception {
        taken("192.0.2.1", 1_000);
        assertThat(taken("192.0.2.2", 1)).isEqualTo(1);
        taken("2001:db8:0:1::1", 1_000);
        assertThat(taken("2001:db8:0:1::2", 1)).as("the same network").isZero();
        assertThat(taken("2001:db8:0:2::1", 1)).isEqualTo(1);
    }

    @Test
    void manyAddresses_areForgottenInTheirOrder() throws Exception {
        taken("192.0.2.1", 1_000);
        for (int i = 0; i < 3 * ConnectionRates.KEPT_MAX; i++) {
            assertThat(taken("10.%d.%d.1".formatted(i >> 8, i & 0xff), 1)).isEqualTo(1);
        }
        assertThat(rates.kept()).isEqualTo(ConnectionRates.KEPT_MAX);
    }
}
