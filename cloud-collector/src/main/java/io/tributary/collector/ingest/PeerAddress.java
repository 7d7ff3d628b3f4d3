package io.tributary.collector.ingest;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/** Hands the peer's address from the call to its handler. */
final class PeerAddress implements ServerInterceptor {
    private static final Context.Key<String> KEY = Context.keyWithDefault("tributary-peer", "unknown");

    static String current() {
        return KEY.get();
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        SocketAddress remote = call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR);
        Context context = Context.current().withValue(KEY, shown(remote));
        return Contexts.interceptCall(context, call, headers, next);
    }

    private static String shown(@org.jspecify.annotations.Nullable SocketAddress remote) {
        if (remote instanceof InetSocketAddress inet) {
            return inet.getAddress().getHostAddress() + ":" + inet.getPort();
        }
        return String.valueOf(remote);
    }
}
