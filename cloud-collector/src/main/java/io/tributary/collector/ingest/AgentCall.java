package io.tributary.collector.ingest;

import io.tributary.proto.v1.AgentMessage;

/** One session of an agent, told by the endpoint that carries its messages. */
public interface AgentCall {
    /** One message at a time, each after its {@link AgentPipe#request}. */
    void message(AgentMessage message);

    /** In place of a message: bytes that are none. */
    void unreadable();

    /** The pipe takes messages again. Any thread. */
    void ready();

    /** The agent has said all it wanted; what is in flight is still acknowledged. */
    void completed();

    /** The pipe is gone. */
    void gone();
}
