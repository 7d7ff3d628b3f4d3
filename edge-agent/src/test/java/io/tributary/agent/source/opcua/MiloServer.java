package io.tributary.agent.source.opcua;

import java.net.ServerSocket;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Period;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.CompositeValidator;
import org.eclipse.milo.opcua.sdk.server.identity.UsernameIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.security.CertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.DefaultApplicationGroup;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.DefaultServerCertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateStore;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.RsaSha256CertificateFactory;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;

/** A server with folder {@code Line1} and variables that tests write; each written value is reported, none is sampled away. */
public final class MiloServer implements AutoCloseable {
    static final String URI = "urn:tributary:test";
    private static final String APPLICATION = "urn:tributary:test-server";
    private static final KeyPair KEYS = keys();

    final int port;
    final X509Certificate certificate;
    final MemoryTrustListManager trust = new MemoryTrustListManager();
    private final OpcUaServer server;
    private final Space space;

    public MiloServer(String... variables) throws Exception {
        this(freePort(), List.of(), variables);
    }

    public MiloServer(int port, List<SecurityPolicy> policies, String... variables) throws Exception {
        this.port = port;
        certificate = new SelfSignedCertificateBuilder(KEYS)
                .setCommonName("test server")
                .setApplicationUri(APPLICATION)
                .addDnsName("localhost")
                .addIpAddress("127.0.0.1")
                .setValidityPeriod(Period.ofYears(1))
                .build();
        CertificateQuarantine quarantine = new MemoryCertificateQuarantine();
        DefaultApplicationGroup group = DefaultApplicationGroup.createAndInitialize(
                trust,
                new MemoryCertificateStore(),
                new RsaSha256CertificateFactory() {
                    @Override
                    protected KeyPair createRsaSha256KeyPair() {
                        return KEYS;
                    }

                    @Override
                    protected X509Certificate[] createRsaSha256CertificateChain(KeyPair keyPair) {
                        return new X509Certificate[] {certificate};
                    }
                },
                new DefaultServerCertificateValidator(trust, quarantine));
        server = new OpcUaServer(
                OpcUaServerConfig.builder()
                        .setApplicationUri(APPLICATION)
                        .setApplicationName(LocalizedText.english("test server"))
                        .setProductUri(URI)
                        .setEndpoints(endpoints(policies))
                        .setCertificateManager(new DefaultCertificateManager(quarantine, group))
                        .setIdentityValidator(new CompositeValidator(
                                AnonymousIdentityValidator.INSTANCE,
                                new UsernameIdentityValidator(
                                        challenge -> challenge.getUsername().equals("agent")
                                                && challenge.getPassword().equals("secret"))))
                        .build(),
                profile -> new OpcTcpServerTransport(
                        OpcTcpServerTransportConfig.newBuilder().build()));
        space = new Space(server, variables);
        space.startup();
        server.startup().get();
    }

    public String endpoint() {
        return "opc.tcp://127.0.0.1:" + port;
    }

    /** Of {@code Line1}. */
    public void write(String variable, Object value, long epochMillis) {
        write(variable, new DataValue(Variant.of(value), StatusCode.GOOD, time(epochMillis), time(epochMillis)));
    }

    void write(String variable, DataValue value) {
        space.write(variable, value);
    }

    /** Clients may write it from here on. */
    void writable(String variable) {
        UaVariableNode node = java.util.Objects.requireNonNull(space.variables.get(variable));
        node.setAccessLevel(AccessLevel.toValue(AccessLevel.READ_WRITE));
        node.setUserAccessLevel(AccessLevel.toValue(AccessLevel.READ_WRITE));
    }

    Object value(String variable) {
        UaVariableNode node = java.util.Objects.requireNonNull(space.variables.get(variable));
        return java.util.Objects.requireNonNull(node.getValue().getValue().getValue());
    }

    void add(String variable) {
        space.addVariable(variable);
    }

    static DateTime time(long epochMillis) {
        return new DateTime(epochMillis * 10_000 + 116_444_736_000_000_000L);
    }

    /** Variables that somebody watches. */
    int watched() {
        return space.items.values().stream().mapToInt(List::size).sum();
    }

    /** Has every session forgotten, as a restart does. */
    @Override
    public void close() throws Exception {
        space.shutdown();
        server.shutdown().get();
    }

    private Set<EndpointConfig> endpoints(List<SecurityPolicy> policies) {
        Set<EndpointConfig> endpoints = new LinkedHashSet<>();
        EndpointConfig.Builder plain = EndpointConfig.newBuilder()
                .setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
                .setBindAddress("127.0.0.1")
                .setBindPort(port)
                .setHostname("name-of-another-network")
                .setCertificate(certificate)
                .addTokenPolicies(
                        OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS, OpcUaServerConfig.USER_TOKEN_POLICY_USERNAME);
        if (policies.isEmpty()) {
            endpoints.add(plain.build());
        } else {
            endpoints.add(plain.copy().setPath("/discovery").build());
        }
        for (SecurityPolicy policy : policies) {
            endpoints.add(plain.copy()
                    .setSecurityPolicy(policy)
                    .setSecurityMode(MessageSecurityMode.SignAndEncrypt)
                    .build());
        }
        return endpoints;
    }

    static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private static KeyPair keys() {
        try {
            return SelfSignedCertificateGenerator.generateRsaKeyPair(2048);
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class Space extends ManagedNamespaceWithLifecycle {
        final Map<NodeId, List<DataItem>> items = new ConcurrentHashMap<>();
        private final Map<String, UaVariableNode> variables = new ConcurrentHashMap<>();
        private final UaFolderNode folder;

        Space(OpcUaServer server, String... names) {
            super(server, URI);
            folder = new UaFolderNode(
                    getNodeContext(), newNodeId("Line1"), newQualifiedName("Line1"), LocalizedText.english("Line1"));
            getLifecycleManager().addStartupTask(() -> {
                getNodeManager().addNode(folder);
                folder.addReference(
                        new Reference(folder.getNodeId(), NodeIds.Organizes, NodeIds.ObjectsFolder.expanded(), false));
                for (String name : names) {
                    addVariable(name);
                }
            });
        }

        void addVariable(String name) {
            UaVariableNode node = new UaVariableNode.UaVariableNodeBuilder(getNodeContext())
                    .setNodeId(newNodeId("Line1." + name))
                    .setBrowseName(newQualifiedName(name))
                    .setDisplayName(LocalizedText.english(name))
                    .setDataType(NodeIds.BaseDataType)
                    .setTypeDefinition(NodeIds.BaseDataVariableType)
                    .build();
            node.setValue(new DataValue(Variant.NULL_VALUE, StatusCode.GOOD, time(1000), time(1000)));
            getNodeManager().addNode(node);
            folder.addOrganizes(node);
            variables.put(name, node);
        }

        void write(String name, DataValue value) {
            UaVariableNode node = java.util.Objects.requireNonNull(variables.get(name));
            node.setValue(value);
            for (DataItem item : items.getOrDefault(node.getNodeId(), List.of())) {
                item.setValue(value);
            }
        }

        @Override
        public void onDataItemsCreated(List<DataItem> created) {
            for (DataItem item : created) {
                NodeId id = item.getReadValueId().getNodeId();
                items.computeIfAbsent(id, absent -> new CopyOnWriteArrayList<>())
                        .add(item);
                variables.values().stream()
                        .filter(node -> node.getNodeId().equals(id))
                        .forEach(node -> item.setValue(node.getValue()));
            }
        }

        @Override
        public void onDataItemsModified(List<DataItem> modified) {}

        @Override
        public void onDataItemsDeleted(List<DataItem> deleted) {
            for (DataItem item : deleted) {
                items.getOrDefault(item.getReadValueId().getNodeId(), new ArrayList<>())
                        .remove(item);
            }
        }

        @Override
        public void onMonitoringModeChanged(List<MonitoredItem> changed) {}
    }
}
