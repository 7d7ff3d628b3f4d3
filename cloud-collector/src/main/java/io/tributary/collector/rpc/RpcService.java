package io.tributary.collector.rpc;

import io.grpc.ServerServiceDefinition;
import java.util.concurrent.Executor;

/**
 * A service and the threads on which its calls run, so that a flood of one cannot starve another.
 *
 * @param executor bounded in threads; gRPC queues at most the messages that the service has requested
 */
public record RpcService(ServerServiceDefinition service, Executor executor) {}
