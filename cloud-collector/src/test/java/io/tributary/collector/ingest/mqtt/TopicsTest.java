package io.tributary.collector.ingest.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class TopicsTest {
    @Test
    void agent_isTheThirdLevel() {
        assertThat(Topics.agent("tributary/v1/greenhouse 1/up")).isEqualTo("greenhouse 1");
        assertThat(Topics.down("a")).isEqualTo("tributary/v1/a/down");
        assertThat(Topics.sharedUp("g")).isEqualTo("$share/g/tributary/v1/+/up");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "tributary/v1//up", "tributary/v1/up", "tributary/v1/a/b/up", "tributary/v1/a/down", "x"})
    void otherTopics_areNoAgents(String topic) {
        assertThat(Topics.agent(topic)).isNull();
    }
}
