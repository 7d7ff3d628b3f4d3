package io.tributary.agent;

import io.tributary.agent.source.Checks;
import io.tributary.agent.uplink.MqttUplinkOptions;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import io.tributary.mqtt.MqttVersion;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code collector.mqtt}: the broker that leads to the collector. {@link MqttUplinkOptions} says what the keys mean.
 *
 * @param client null: {@code tributary-AGENT}
 */
record MqttTarget(
        @Default("127.0.0.1:1883") HostPort broker,
        @Nullable TlsFiles tls,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Default("v5") MqttVersion version,
        @Nullable String client,
        @Nullable String user,
        @Nullable Secret password,
        @Default("30s") Duration keepAlive,
        @Default("10s") Duration connectTimeout,
        @Default("30s") Duration answerTimeout) {
    private static final int KEEP_ALIVE_MOST = 65_535;

    MqttTarget {
        Checks.reach("broker", broker, tls, allowPlaintextOffLoopback);
        if (password != null && user == null) {
            throw new IllegalArgumentException("password without user, expected both");
        }
        Checks.between("keep-alive in seconds", keepAlive.toSeconds(), 5, KEEP_ALIVE_MOST);
        Checks.positive("connect-timeout", connectTimeout);
        Checks.positive("answer-timeout", answerTimeout);
    }

    MqttUplinkOptions options(String agent) {
        return new MqttUplinkOptions(
                agent,
                broker,
                version,
                client == null ? "tributary-" + agent : client,
                user,
                password,
                tls,
                keepAlive,
                connectTimeout,
                answerTimeout);
    }
}
