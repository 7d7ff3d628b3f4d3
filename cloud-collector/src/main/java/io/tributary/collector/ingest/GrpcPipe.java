package io.tributary.collector.ingest;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.tributary.proto.v1.AgentMessage;
import io.tributary.proto.v1.CollectorMessage;

/** A gRPC stream of one agent. */
final class GrpcPipe implements AgentPipe {
    private final ServerCallStreamObserver<CollectorMessage> stream;

    GrpcPipe(ServerCallStreamObserver<CollectorMessage> stream) {
        this.stream = stream;
    }

    /** Called in the handler of the new stream, where gRPC still allows handlers to be set. */
    StreamObserver<AgentMessage> bind(AgentCall call) {
        stream.disableAutoRequest();
        stream.setOnReadyHandler(call::ready);
        stream.setOnCancelHandler(call::gone);
        return new StreamObserver<>() {
            @Override
            public void onNext(AgentMessage message) {
                if (message == AgentMessageMarshaller.UNREADABLE) {
                    call.unreadable();
                } else {
                    call.message(message);
                }
            }

            @Override
            public void onCompleted() {
                call.completed();
            }

            /** The stream is cancelled. */
            @Override
            public void onError(Throwable cause) {
                call.gone();
            }
        };
    }

    @Override
    public boolean isReady() {
        return stream.isReady();
    }

    @Override
    public void send(CollectorMessage message) {
        stream.onNext(message);
    }

    @Override
    public void request() {
        stream.request(1);
    }

    @Override
    public void complete() {
        stream.onCompleted();
    }

    @Override
    public void fail(Status why) {
        stream.onError(why.asRuntimeException());
    }
}
