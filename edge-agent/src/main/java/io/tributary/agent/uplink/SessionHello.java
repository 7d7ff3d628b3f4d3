package io.tributary.agent.uplink;

/** What the agent says first; the fields are those of message {@code Hello} in ingest.proto. */
public record SessionHello(String agent, long epoch, long nextSequence, long oldestSequence, String version) {}
