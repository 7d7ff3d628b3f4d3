package io.tributary.agent;

import io.tributary.agent.clock.ClockOptions;
import io.tributary.agent.outbox.OutboxOptions;
import io.tributary.agent.process.ProcessRule;
import io.tributary.agent.process.SchemaOptions;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.exec.ExecConfig;
import io.tributary.agent.source.file.FileConfig;
import io.tributary.agent.source.http.HttpConfig;
import io.tributary.agent.source.linux.LinuxConfig;
import io.tributary.agent.source.mqtt.MqttConfig;
import io.tributary.agent.source.mqttlistener.MqttListenerConfig;
import io.tributary.agent.source.opcua.OpcuaConfig;
import io.tributary.agent.source.tcp.TcpFramesConfig;
import io.tributary.agent.source.tcp.TcpLinesConfig;
import io.tributary.agent.source.udp.UdpFramesConfig;
import io.tributary.agent.source.udp.UdpLinesConfig;
import io.tributary.agent.uplink.ForwarderOptions;
import io.tributary.config.Default;
import io.tributary.config.Variants;
import io.tributary.model.Names;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The whole configuration, {@code edge-agent.yaml}; README.md describes every key.
 *
 * @param agent the agent's ID at the collector: keep it for the life of the outbox
 * @param sources of any of the types named here; a protocol of ours or yours is one package and one line more
 * @param process the first rule that matches a reading is applied to it; none: readings go on as they come
 */
record AgentConfig(
        String agent,
        CollectorTarget collector,
        OutboxOptions outbox,
        ForwarderOptions forward,
        AgentHttp http,
        ClockOptions clock,
        SchemaOptions schema,
        @Default("[]") List<ProcessRule> process,

        @Variants({
            TcpFramesConfig.class,
            TcpLinesConfig.class,
            UdpFramesConfig.class,
            UdpLinesConfig.class,
            HttpConfig.class,
            MqttListenerConfig.class,
            MqttConfig.class,
            OpcuaConfig.class,
            LinuxConfig.class,
            ExecConfig.class,
            FileConfig.class
        })
        List<SourceConfig> sources) {
    AgentConfig {
        Names.check("agent", agent);
        if (collector.mqtt() != null) {
            collector.mqtt().options(agent); // checks that topics can name it
        }
        checkSources(sources);
    }

    /** This one with the sections of {@code other} that can be changed while the agent runs. */
    AgentConfig withoutReloadable(AgentConfig other) {
        return new AgentConfig(agent, collector, outbox, other.forward, http, clock, schema, process, other.sources);
    }

    /** What the ready line says beside the sources. */
    private static final Set<String> READY_KEYS = Set.of("http", "outbox");

    static void checkSources(List<SourceConfig> sources) {
        if (sources.isEmpty()) {
            throw new IllegalArgumentException("sources is empty, expected at least one");
        }
        Set<String> names = new HashSet<>();
        for (SourceConfig source : sources) {
            if (READY_KEYS.contains(source.name())) {
                throw new IllegalArgumentException("a source is named \"" + source.name()
                        + "\", as the agent's own value in the ready line; give it another name");
            }
            if (!names.add(source.name())) {
                throw new IllegalArgumentException(
                        "two sources are named \"" + source.name() + "\"; give each a name of its own");
            }
        }
    }
}
