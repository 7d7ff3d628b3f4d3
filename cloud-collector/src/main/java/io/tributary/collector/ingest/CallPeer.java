package io.tributary.collector.ingest;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.tributary.collector.security.Peer;
import io.tributary.pki.AgentName;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/** Hands the peer's address, and whom its certificate names, from the call to its handler. */
final class CallPeer implements ServerInterceptor {
    private static final Context.Key<Peer> KEY = Context.keyWithDefault("tributary-peer", new Peer("unknown", null));

    static Peer current() {
        return KEY.get();
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        Peer peer = new Peer(
                shown(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR)),
                agent(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
        return Contexts.interceptCall(Context.current().withValue(KEY, peer), call, headers, next);
    }

    private static String shown(@Nullable SocketAddress remote) {
        if (remote instanceof InetSocketAddress inet) {
            return inet.getAddress().getHostAddress() + ":" + inet.getPort();
        }
        return String.valueOf(remote);
    }

    private static @Nullable String agent(@Nullable SSLSession session) {
        if (session == null) {
            return null;
        }
        try {
            Certificate[] chain = session.getPeerCertificates();
            return chain.length > 0 && chain[0] instanceof X509Certificate own ? AgentName.of(own) : null;
        } catch (SSLPeerUnverifiedException e) {
            return null; // showed none
        }
    }
}
