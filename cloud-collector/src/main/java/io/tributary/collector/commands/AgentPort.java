package io.tributary.collector.commands;

/** An open session, as far as commands go. Must not block; what cannot be sent may be dropped, it is sent again. */
public interface AgentPort {
    void command(CommandEntry command);

    void desiredConfig(ConfigEntry config);
}
