package io.tributary.agent.uplink;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.tributary.config.HostPort;
import io.tributary.pki.CertificateRequest;
import io.tributary.pki.EnrolmentToken;
import io.tributary.proto.v1.EnrolReply;
import io.tributary.proto.v1.EnrolRequest;
import io.tributary.proto.v1.EnrolmentGrpc;
import io.tributary.proto.v1.RenewRequest;
import io.tributary.tls.CertificateTime;
import io.tributary.tls.PinnedTrust;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** Asks a collector for certificates. Keys are made by the caller and do not leave the box. */
public final class EnrolmentClient {
    private static final int DEADLINE_SECONDS = 60;

    private EnrolmentClient() {}

    /**
     * Uses a token up.
     *
     * @param time for the collector's certificate
     * @return the agent's certificate, then the authority's, which is the one of the token
     * @throws IOException the collector cannot be reached, is another than the token's, or refuses it
     */
    public static List<X509Certificate> enrol(
            HostPort collector, EnrolmentToken token, KeyPair keys, CertificateTime time) throws IOException {
        EnrolRequest request = EnrolRequest.newBuilder()
                .setAgent(token.agent())
                .setSecret(ByteString.copyFrom(token.secret()))
                .setCertificateRequest(ByteString.copyFrom(CertificateRequest.create(keys, token.agent())))
                .build();
        GrpcTls tls = new GrpcTls(null, new PinnedTrust(token.authorityFingerprint(), time));
        return chain(ask(collector, tls, stub -> stub.enrol(request)), keys);
    }

    /** @param tls with the certificate that is to be replaced */
    public static List<X509Certificate> renew(HostPort collector, GrpcTls tls, String agent, KeyPair keys)
            throws IOException {
        RenewRequest request = RenewRequest.newBuilder()
                .setCertificateRequest(ByteString.copyFrom(CertificateRequest.create(keys, agent)))
                .build();
        return chain(ask(collector, tls, stub -> stub.renew(request)), keys);
    }

    private static EnrolReply ask(
            HostPort collector, GrpcTls tls, Function<EnrolmentGrpc.EnrolmentBlockingStub, EnrolReply> call)
            throws IOException {
        ManagedChannel channel = NettyChannelBuilder.forAddress(collector.host(), collector.port())
                .sslContext(tls.context())
                .disableRetry()
                .build();
        try {
            return call.apply(
                    EnrolmentGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS));
        } catch (StatusRuntimeException e) {
            throw new IOException("collector " + collector + ": " + why(e), e);
        } finally {
            channel.shutdownNow();
        }
    }

    private static String why(StatusRuntimeException e) {
        Status status = e.getStatus();
        Throwable root = status.getCause();
        while (root != null && root.getCause() != null) {
            root = root.getCause();
        }
        return status.getCode() == Status.Code.UNAVAILABLE && root != null
                ? String.valueOf(root.getMessage())
                : status.getCode() + ": " + status.getDescription();
    }

    private static List<X509Certificate> chain(EnrolReply reply, KeyPair keys) throws IOException {
        List<X509Certificate> chain = new ArrayList<>();
        try {
            CertificateFactory factory = CertificateFactory.getInstance("X.509");
            for (ByteString each : reply.getCertificatesList()) {
                chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(each.toByteArray())));
            }
            if (chain.size() != 2 || !chain.get(0).getPublicKey().equals(keys.getPublic())) {
                throw new IOException("the collector answered with " + chain.size()
                        + " certificates, expected the agent's, for the key just made, and the authority's");
            }
            chain.get(0).verify(chain.get(1).getPublicKey());
            return chain;
        } catch (GeneralSecurityException e) {
            throw new IOException("the collector answered with unusable certificates", e);
        }
    }
}
