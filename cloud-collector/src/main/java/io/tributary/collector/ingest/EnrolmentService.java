package io.tributary.collector.ingest;

import com.google.protobuf.ByteString;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import io.tributary.collector.security.AccessDeniedException;
import io.tributary.collector.security.AgentGate;
import io.tributary.collector.security.AgentGrants;
import io.tributary.collector.security.Peer;
import io.tributary.model.Names;
import io.tributary.pki.CertificateRequest;
import io.tributary.proto.v1.EnrolReply;
import io.tributary.proto.v1.EnrolRequest;
import io.tributary.proto.v1.EnrolmentGrpc;
import io.tributary.proto.v1.RenewRequest;
import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gives agents their certificates. The one service that may be called without one. */
public final class EnrolmentService {
    private static final Logger LOG = LoggerFactory.getLogger(EnrolmentService.class);

    private final AgentGrants grants;
    private final AgentGate gate;
    private final Executor executor;

    /** @param executor writes files: may block */
    public EnrolmentService(AgentGrants grants, AgentGate gate, Executor executor) {
        this.grants = grants;
        this.gate = gate;
        this.executor = executor;
    }

    public ServerServiceDefinition service() {
        return ServerInterceptors.intercept(new Calls().bindService(), new CallPeer());
    }

    public Executor executor() {
        return executor;
    }

    /** What makes an answer. */
    private interface Issue {
        List<X509Certificate> chain() throws IOException, AccessDeniedException, StatusException;
    }

    private final class Calls extends EnrolmentGrpc.EnrolmentImplBase {
        @Override
        public void enrol(EnrolRequest request, StreamObserver<EnrolReply> replies) {
            Peer peer = CallPeer.current();
            answer(replies, () -> {
                String agent = request.getAgent();
                try {
                    Names.check("agent", agent);
                } catch (IllegalArgumentException e) {
                    throw Status.INVALID_ARGUMENT
                            .withDescription(e.getMessage())
                            .asException();
                }
                PublicKey key = key(request.getCertificateRequest());
                LOG.info("agent {} enrols from {}", agent, peer.address());
                return grants.enrol(agent, request.getSecret().toByteArray(), key, peer.address());
            });
        }

        @Override
        public void renew(RenewRequest request, StreamObserver<EnrolReply> replies) {
            Peer peer = CallPeer.current();
            answer(replies, () -> {
                String agent = peer.agent();
                if (agent == null) {
                    grants.renewalRefused(peer.address(), "no-certificate");
                    throw Status.UNAUTHENTICATED
                            .withDescription("a certificate is renewed by its owner; expected a client certificate")
                            .asException();
                }
                gate.admit(agent, peer);
                return grants.renew(agent, key(request.getCertificateRequest()));
            });
        }

        private void answer(StreamObserver<EnrolReply> replies, Issue issue) {
            try {
                EnrolReply.Builder reply = EnrolReply.newBuilder();
                for (X509Certificate each : issue.chain()) {
                    reply.addCertificates(ByteString.copyFrom(each.getEncoded()));
                }
                replies.onNext(reply.build());
                replies.onCompleted();
            } catch (StatusException e) {
                replies.onError(e);
            } catch (AccessDeniedException e) {
                replies.onError(
                        Status.PERMISSION_DENIED.withDescription(e.getMessage()).asException());
            } catch (IOException | CertificateEncodingException | RuntimeException e) {
                LOG.error("a certificate could not be issued", e);
                replies.onError(Status.INTERNAL
                        .withDescription("fault of the collector, see its log")
                        .asException());
            }
        }

        private static PublicKey key(ByteString request) throws StatusException {
            try {
                return CertificateRequest.publicKey(request.toByteArray());
            } catch (IOException e) {
                throw Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asException();
            }
        }
    }
}
