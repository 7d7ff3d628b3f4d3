package io.tributary.collector.rpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.tributary.access.AccessToken;
import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import io.tributary.proto.v1.QueryGrpc;
import io.tributary.proto.v1.StreamGrpc;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Asks a call for the bearer token that the HTTP API takes, too, in the metadata {@code authorization}. */
public final class TokenCalls implements ServerInterceptor {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<AccessToken> TOKEN = Context.key("tributary-token");
    private static final String SCHEME = "Bearer ";

    /** Calls of the Query service that are not of one device. */
    private static final Set<String> OF_ALL_DEVICES = Set.of(
            QueryGrpc.getListAgentsMethod().getFullMethodName(),
            QueryGrpc.getGetGapsMethod().getFullMethodName(),
            QueryGrpc.getListDeadLettersMethod().getFullMethodName());
    /** Calls of the Stream service that need more than to read. */
    private static final Map<String, Role> NEEDS = Map.of(
            StreamGrpc.getEraseMethod().getFullMethodName(), Role.ADMIN,
            StreamGrpc.getCommitBookmarkMethod().getFullMethodName(), Role.WRITE,
            StreamGrpc.getDeleteBookmarkMethod().getFullMethodName(), Role.WRITE);

    private static final int LIMIT_WHEN_ABSENT = 100;
    private static final int LIMIT_MAX = 1000;

    private final AccessTokens tokens;
    private final AuditLog audit;

    public TokenCalls(AccessTokens tokens, AuditLog audit) {
        this.tokens = tokens;
        this.audit = audit;
    }

    /**
     * How many of a list are answered.
     *
     * @param asked 0 for the usual number
     */
    static int limit(int asked) {
        if (asked < 0 || asked > LIMIT_MAX) {
            throw Status.INVALID_ARGUMENT
                    .withDescription("limit " + Integer.toUnsignedString(asked) + ", expected at most " + LIMIT_MAX)
                    .asRuntimeException();
        }
        return asked == 0 ? LIMIT_WHEN_ABSENT : asked;
    }

    /** The devices that the caller may see; all where nobody is asked for a token. */
    static Predicate<String> scope() {
        AccessToken token = TOKEN.get();
        return token == null ? device -> true : token::maySee;
    }

    @Override
    public <ReqT, RespT> ServerCall.Listener<ReqT> interceptCall(
            ServerCall<ReqT, RespT> call, Metadata headers, ServerCallHandler<ReqT, RespT> next) {
        AccessToken token = token(headers.get(AUTHORIZATION));
        if (token != null && !mayCall(token, call.getMethodDescriptor())) {
            audit.refused(AuditEvent.refused(
                    "token " + token.name(),
                    "call",
                    Map.of("method", call.getMethodDescriptor().getFullMethodName(), "cause", "wrong-role")));
            call.close(
                    Status.PERMISSION_DENIED.withDescription(
                            "the token has not the role for this call, or is limited to some devices"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        if (token == null) {
            audit.refused(AuditEvent.refused(
                    "address " + call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR),
                    "call",
                    Map.of("method", call.getMethodDescriptor().getFullMethodName())));
            call.close(
                    Status.UNAUTHENTICATED.withDescription(
                            "expected the metadata \"authorization: Bearer TOKEN\" with a token that is valid here"),
                    new Metadata());
            return new ServerCall.Listener<>() {};
        }
        return Contexts.interceptCall(Context.current().withValue(TOKEN, token), call, headers, next);
    }

    /** Queries are for everybody, of the devices in the token's scope; what is not of one device is for all of them. */
    private static boolean mayCall(AccessToken token, MethodDescriptor<?, ?> method) {
        if (!StreamGrpc.SERVICE_NAME.equals(method.getServiceName())) {
            boolean isOfAllDevices = OF_ALL_DEVICES.contains(method.getFullMethodName());
            return token.role().includes(Role.READ)
                    && (!isOfAllDevices || token.devices().isEmpty());
        }
        Role needed = NEEDS.getOrDefault(method.getFullMethodName(), Role.READ);
        return token.role().includes(needed) && token.devices().isEmpty();
    }

    private @Nullable AccessToken token(@Nullable String authorization) {
        return authorization == null || !authorization.startsWith(SCHEME)
                ? null
                : tokens.find(authorization.substring(SCHEME.length()).strip());
    }
}
