package io.tributary.agent;

import io.tributary.agent.source.Checks;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.exec.ExecConfig;
import io.tributary.agent.source.file.FileConfig;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.tls.TlsFiles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code collector} of the configuration: where readings go.
 *
 * @param allowPlaintextOffLoopback must be true for a collector on another machine without TLS
 * @param tls who the agent is and whom it trusts, as {@code edge-agent enroll} wrote it; null for plaintext
 * @param uplinks the preferred one first
 * @param mqtt needed when {@code uplinks} names it
 * @param allowDesiredExec must be true for a desired configuration that runs commands or reads files of this machine
 * @param failoverAfter without progress for this long the next uplink is tried
 * @param failbackAfter and after this long the first one again
 */
record CollectorTarget(
        @Default("127.0.0.1:9440") HostPort address,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Nullable TlsFiles tls,
        @Default("[grpc]") List<Type> uplinks,
        @Nullable MqttTarget mqtt,
        @Default("false") boolean allowDesiredExec,
        @Default("30s") Duration failoverAfter,
        @Default("5m") Duration failbackAfter) {
    /** Ways to the collector. */
    enum Type {
        GRPC,
        MQTT;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    CollectorTarget {
        uplinks = List.copyOf(uplinks);
        if (uplinks.isEmpty() || uplinks.size() != Set.copyOf(uplinks).size()) {
            throw new IllegalArgumentException("uplinks is " + uplinks + ", expected grpc, mqtt or both, once each");
        }
        if (uplinks.contains(Type.MQTT) && mqtt == null) {
            throw new IllegalArgumentException("uplinks names mqtt, expected a section mqtt");
        }
        Checks.positive("failover-after", failoverAfter);
        Checks.positive("failback-after", failbackAfter);
        if (uplinks.contains(Type.GRPC) && tls == null && !allowPlaintextOffLoopback && !address.isLoopback()) {
            throw new IllegalArgumentException("address is " + address
                    + ", to which readings would travel without TLS; expected a section tls, a loopback address,"
                    + " or allow-plaintext-off-loopback: true");
        }
    }

    /**
     * What the collector may not bring: whoever administers it would have a shell on this machine, and its files.
     *
     * @param desired null for none
     * @param own sources of the agent's own file, which may come back as they are
     * @return one sentence per source; empty when all may run
     */
    List<String> unwanted(@Nullable List<SourceConfig> desired, List<SourceConfig> own) {
        List<String> unwanted = new ArrayList<>();
        for (SourceConfig each : desired == null || allowDesiredExec ? List.<SourceConfig>of() : desired) {
            boolean reachesIn = each instanceof ExecConfig || each instanceof FileConfig;
            if (reachesIn && !own.contains(each)) {
                unwanted.add("source " + each.name()
                        + (each instanceof ExecConfig ? " runs a command" : " reads a file")
                        + " of the agent's machine; expected it as it is in the agent's own file, or"
                        + " collector.allow-desired-exec: true there");
            }
        }
        return unwanted;
    }
}
