package io.tributary.agent;

import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.uplink.ForwarderOptions;
import io.tributary.config.Variants;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the collector may change of an agent: sections of {@link AgentConfig}, each in the place of the file's. Where the
 * agent sends to, who it is and where its outbox lies stay what the file says, so that no change from afar can cut the
 * agent off or cost readings.
 *
 * @param forward null: the file's
 * @param sources null: the file's
 */
record DesiredConfig(
        @Nullable ForwarderOptions forward,
        @Nullable @Variants(as = AgentConfig.class) List<SourceConfig> sources) {
    DesiredConfig {
        if (sources != null) {
            AgentConfig.checkSources(sources);
        }
    }

    static final DesiredConfig NOTHING = new DesiredConfig(null, null);
}
