package io.tributary.agent.source;

/**
 * One entry of {@code sources}: a record in the package of its protocol with the key {@code type} as its {@link
 * io.tributary.config.TypeName}, and one line in {@code AgentConfig} that names it. Nothing else knows of a protocol.
 */
public interface SourceConfig {
    /** Different for each source of an agent. */
    String name();

    /** Makes the source; neither opens nor binds anything. Called once. */
    Source open(SourceContext context);
}
