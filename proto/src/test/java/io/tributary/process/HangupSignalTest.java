package io.tributary.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import sun.misc.Signal;

final class HangupSignalTest {
    @Test
    void eachHangup_isTold_andDoesNotEndTheProcess() throws Exception {
        for (int i = 0; i < 2; i++) {
            CountDownLatch told = new CountDownLatch(1);
            HangupSignal.onEach(told::countDown);
            Signal.raise(new Signal("HUP"));
            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
