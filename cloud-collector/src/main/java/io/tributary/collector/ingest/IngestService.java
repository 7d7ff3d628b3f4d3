package io.tributary.collector.ingest;

import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;
import io.tributary.proto.v1.IngestGrpc;

/** The gRPC door: one {@link AgentStream} per call. */
final class IngestService {
    private final IngestParts parts;

    IngestService(IngestParts parts) {
        this.parts = parts;
    }

    /** What the generated base class would bind, but with a reader of our own. */
    ServerServiceDefinition definition() {
        MethodDescriptor<AgentMessage, CollectorMessage> generated = IngestGrpc.getConnectMethod();
        MethodDescriptor<AgentMessage, CollectorMessage> connect = generated.toBuilder()
                .setRequestMarshaller(new AgentMessageMarshaller())
                .build();
        ServiceDescriptor service = ServiceDescriptor.newBuilder(IngestGrpc.SERVICE_NAME)
                .setSchemaDescriptor(IngestGrpc.getServiceDescriptor().getSchemaDescriptor())
                .addMethod(connect)
                .build();
        return ServerServiceDefinition.builder(service)
                .addMethod(connect, ServerCalls.asyncBidiStreamingCall(this::connect))
                .build();
    }

    private StreamObserver<AgentMessage> connect(StreamObserver<CollectorMessage> responses) {
        GrpcPipe pipe = new GrpcPipe((ServerCallStreamObserver<CollectorMessage>) responses);
        AgentStream stream = new AgentStream(parts, pipe, CallPeer.current());
        StreamObserver<AgentMessage> messages = pipe.bind(stream);
        stream.open();
        return messages;
    }
}
