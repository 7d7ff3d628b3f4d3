package io.tributary.collector.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.audit.AuditLog;
import io.tributary.proto.v1.CommitBookmarkRequest;
import io.tributary.proto.v1.DeleteBookmarkRequest;
import io.tributary.proto.v1.EraseRequest;
import io.tributary.proto.v1.GetGapsRequest;
import io.tributary.proto.v1.ListAgentsRequest;
import io.tributary.proto.v1.ListBookmarksRequest;
import io.tributary.proto.v1.ListDeadLettersRequest;
import io.tributary.proto.v1.ListDevicesRequest;
import io.tributary.proto.v1.ListErasuresRequest;
import io.tributary.proto.v1.QueryGrpc;
import io.tributary.proto.v1.StreamGrpc;
import io.tributary.proto.v1.SubscribeRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which role each call over gRPC wants; a call that is let in is answered as not implemented by these services. */
@SuppressWarnings("NullAway.Init")
final class TokenCallsTest {
    @TempDir
    Path directory;

    private AccessTokens tokens;
    private Server server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        AuditLog audit = new AuditLog(directory.resolve("audit.log"), 1 << 20, InstantSource.system());
        AtomicLong nanos = new AtomicLong();
        tokens = new AccessTokens(
                directory.resolve("tokens"),
                directory.resolve("lock"),
                InstantSource.system(),
                () -> nanos.addAndGet(TimeUnit.SECONDS.toNanos(2)),
                audit);
        TokenCalls access = new TokenCalls(tokens, audit);
        server = NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", 0))
                .addService(ServerInterceptors.intercept(new QueryGrpc.QueryImplBase() {}, access))
                .addService(ServerInterceptors.intercept(new StreamGrpc.StreamImplBase() {}, access))
                .build()
                .start();
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() throws InterruptedException {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        server.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }

    private static Map<String, Consumer<Channel>> calls(Role needed) {
        Map<String, Consumer<Channel>> calls = new LinkedHashMap<>();
        switch (needed) {
            case READ -> {
                calls.put(
                        "agents",
                        to -> QueryGrpc.newBlockingStub(to)
                                .listAgents(ListAgentsRequest.getDefaultInstance())
                                .forEachRemaining(each -> {}));
                calls.put("gaps", to -> QueryGrpc.newBlockingStub(to).getGaps(GetGapsRequest.getDefaultInstance()));
                calls.put(
                        "dead letters",
                        to -> QueryGrpc.newBlockingStub(to)
                                .listDeadLetters(ListDeadLettersRequest.getDefaultInstance())
                                .forEachRemaining(each -> {}));
                calls.put(
                        "subscribe",
                        to -> StreamGrpc.newBlockingStub(to)
                                .subscribe(SubscribeRequest.getDefaultInstance())
                                .forEachRemaining(each -> {}));
                calls.put(
                        "bookmarks",
                        to -> StreamGrpc.newBlockingStub(to)
                                .listBookmarks(ListBookmarksRequest.getDefaultInstance())
                                .forEachRemaining(each -> {}));
                calls.put(
                        "erasures",
                        to -> StreamGrpc.newBlockingStub(to)
                                .listErasures(ListErasuresRequest.getDefaultInstance())
                                .forEachRemaining(each -> {}));
            }
            case WRITE -> {
                calls.put(
                        "commit",
                        to -> StreamGrpc.newBlockingStub(to)
                                .commitBookmark(CommitBookmarkRequest.getDefaultInstance()));
                calls.put(
                        "delete",
                        to -> StreamGrpc.newBlockingStub(to)
                                .deleteBookmark(DeleteBookmarkRequest.getDefaultInstance()));
            }
            case ADMIN ->
                calls.put("erase", to -> StreamGrpc.newBlockingStub(to).erase(EraseRequest.getDefaultInstance()));
        }
        return calls;
    }

    private Status.Code outcome(Consumer<Channel> call, String token) {
        Metadata headers = new Metadata();
        headers.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
        try {
            call.accept(ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers)));
            throw new AssertionError("answered by nobody");
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode();
        }
    }

    @Test
    void calls_wantTheirRole_forAllDevices() throws IOException {
        String limited = tokens.create("limited", Role.ADMIN, List.of("greenhouse-*"), null);
        for (Role role : Role.values()) {
            String token = tokens.create("of-" + role.name().toLowerCase(java.util.Locale.ROOT), role, List.of(), null);
            for (Role needed : Role.values()) {
                calls(needed).forEach((name, call) -> {
                    assertThat(outcome(call, token))
                            .as("%s with a token of role %s", name, role)
                            .isEqualTo(
                                    role.includes(needed) ? Status.Code.UNIMPLEMENTED : Status.Code.PERMISSION_DENIED);
                    assertThat(outcome(call, limited))
                            .as("%s with a token that is limited to devices", name)
                            .isEqualTo(Status.Code.PERMISSION_DENIED);
                    assertThat(outcome(call, "nonsense")).as(name).isEqualTo(Status.Code.UNAUTHENTICATED);
                });
            }
        }
        assertThat(outcome(
                        to -> QueryGrpc.newBlockingStub(to)
                                .listDevices(ListDevicesRequest.getDefaultInstance())
                                .forEachRemaining(each -> {}),
                        limited))
                .isEqualTo(Status.Code.UNIMPLEMENTED);
    }
}
