package io.tributary.collector.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class InOrderAcksTest {
    @Test
    void acknowledgements_goOutInTheOrderOfArrival() {
        RecordingLink link = new RecordingLink();
        InOrderAcks acks = new InOrderAcks(link);
        Runnable first = acks.arrived(7);
        Runnable second = acks.arrived(8);
        Runnable third = acks.arrived(9);
        third.run();
        second.run();
        assertThat(link.acknowledged).isEmpty();
        first.run();
        assertThat(link.acknowledged).containsExactly(7, 8, 9);
    }
}
