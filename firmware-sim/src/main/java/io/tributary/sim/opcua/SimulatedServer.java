package io.tributary.sim.opcua;

import io.tributary.config.HostPort;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import java.io.IOException;
import java.security.KeyPair;
import java.security.Security;
import java.security.cert.X509Certificate;
import java.time.Period;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.eclipse.milo.opcua.sdk.server.EndpointConfig;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.OpcUaServerConfig;
import org.eclipse.milo.opcua.sdk.server.identity.AnonymousIdentityValidator;
import org.eclipse.milo.opcua.sdk.server.identity.CompositeValidator;
import org.eclipse.milo.opcua.sdk.server.identity.UsernameIdentityValidator;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.security.CertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.DefaultApplicationGroup;
import org.eclipse.milo.opcua.stack.core.security.DefaultCertificateManager;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateQuarantine;
import org.eclipse.milo.opcua.stack.core.security.MemoryCertificateStore;
import org.eclipse.milo.opcua.stack.core.security.MemoryTrustListManager;
import org.eclipse.milo.opcua.stack.core.security.RsaSha256CertificateFactory;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.transport.TransportProfile;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateBuilder;
import org.eclipse.milo.opcua.stack.core.util.SelfSignedCertificateGenerator;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransport;
import org.eclipse.milo.opcua.stack.transport.server.tcp.OpcTcpServerTransportConfig;
import org.jspecify.annotations.Nullable;

/**
 * Variables {@code Fleet/DEVICE/CHANNEL} that change with every row. Every change is reported to whoever subscribes, as
 * far as queues go; none is sampled away. Trusts every client: it has nothing to protect. One thread publishes and
 * restarts.
 */
public final class SimulatedServer implements AutoCloseable {
    private static final String APPLICATION = "urn:tributary:firmware-sim";
    private static final int KEY_BITS = 2048;
    /** 1601-01-01 to 1970-01-01 in units of 100 ns. */
    private static final long EPOCH_TICKS = 116_444_736_000_000_000L;

    private static final long TICK_NS = 100;

    private final HostPort listen;
    private final boolean secured;
    private final @Nullable String user;
    private final @Nullable String password;
    private final KeyPair keys;
    private final X509Certificate certificate;
    /** By device, of the publishing thread. */
    private final Map<String, Row> latest = new LinkedHashMap<>();

    private @Nullable OpcUaServer server;
    private @Nullable FleetSpace space;

    /**
     * @param secured also with the policies Basic256Sha256, Aes128_Sha256_RsaOaep and Aes256_Sha256_RsaPss
     * @param user null: anonymous only
     */
    public SimulatedServer(HostPort listen, boolean secured, @Nullable String user, @Nullable String password)
            throws IOException {
        this.listen = listen;
        this.secured = secured;
        this.user = user;
        this.password = password;
        if (secured && Security.getProvider(BouncyCastleProvider.PROVIDER_NAME) == null) {
            Security.addProvider(new BouncyCastleProvider()); // has RSA-PSS by the name that Milo asks for
        }
        try {
            keys = SelfSignedCertificateGenerator.generateRsaKeyPair(KEY_BITS);
            certificate = new SelfSignedCertificateBuilder(keys)
                    .setCommonName("Tributary firmware-sim")
                    .setApplicationUri(APPLICATION)
                    .addDnsName("localhost")
                    .addIpAddress("127.0.0.1")
                    .setValidityPeriod(Period.ofYears(1))
                    .build();
        } catch (Exception e) { // declared so by the library
            throw new IOException("no certificate: " + e.getMessage(), e);
        }
    }

    /** Binds. */
    public void start() throws IOException {
        CertificateQuarantine quarantine = new MemoryCertificateQuarantine();
        try {
            DefaultApplicationGroup group = DefaultApplicationGroup.createAndInitialize(
                    new MemoryTrustListManager(),
                    new MemoryCertificateStore(),
                    new OwnCertificate(),
                    new CertificateValidator.InsecureCertificateValidator());
            OpcUaServer made = new OpcUaServer(
                    OpcUaServerConfig.builder()
                            .setApplicationUri(APPLICATION)
                            .setApplicationName(LocalizedText.english("Tributary firmware-sim"))
                            .setProductUri(APPLICATION)
                            .setEndpoints(endpoints())
                            .setCertificateManager(new DefaultCertificateManager(quarantine, group))
                            .setIdentityValidator(new CompositeValidator(
                                    AnonymousIdentityValidator.INSTANCE,
                                    new UsernameIdentityValidator(
                                            challenge -> challenge.getUsername().equals(user)
                                                    && challenge.getPassword().equals(password))))
                            .build(),
                    profile -> new OpcTcpServerTransport(
                            OpcTcpServerTransportConfig.newBuilder().build()));
            FleetSpace fresh = new FleetSpace(made);
            fresh.startup();
            server = made;
            space = fresh;
            // Whoever comes back finds every variable.
            List.copyOf(latest.values()).forEach(this::publish);
            made.startup().get();
        } catch (ExecutionException e) {
            throw new IOException(listen + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (Exception e) { // declared so by the library
            throw new IOException(listen + ": " + e.getMessage(), e);
        }
    }

    /** Ends all sessions, forgets all subscriptions, and begins anew: as a machine does that is switched off and on. */
    public void restart() throws IOException {
        close();
        start();
    }

    /** Times to 100 ns, as the protocol has them. */
    public static Row carried(Row row) {
        return row.at(Math.floorDiv(row.eventTimeNs(), TICK_NS) * TICK_NS);
    }

    /** Variables of devices that are not known yet are made. */
    public void publish(Row row) {
        FleetSpace current = space;
        if (current == null) {
            throw new IllegalStateException("BUG: published before start");
        }
        latest.put(row.device().id(), row);
        DateTime time = new DateTime(row.eventTimeNs() / TICK_NS + EPOCH_TICKS);
        for (int i = 0; i < row.size(); i++) {
            ValueType type = row.channel(i).type();
            Object value = row.value(i);
            current.publish(
                    row.device().id(),
                    row.channel(i).name(),
                    type,
                    new DataValue(Variant.of(value), status(row.quality(i)), time, time));
        }
    }

    private static StatusCode status(int quality) {
        if (quality == Quality.GOOD) {
            return StatusCode.GOOD;
        } else if (quality == Quality.BAD_SENSOR) {
            return new StatusCode(StatusCodes.Bad_SensorFailure);
        }
        return (quality & Quality.BAD) != 0 ? StatusCode.BAD : StatusCode.UNCERTAIN;
    }

    /** Subscribed variables, of all clients. */
    public int watched() {
        FleetSpace current = space;
        return current == null ? 0 : current.watched();
    }

    private Set<EndpointConfig> endpoints() {
        Set<EndpointConfig> endpoints = new LinkedHashSet<>();
        EndpointConfig.Builder plain = EndpointConfig.newBuilder()
                .setTransportProfile(TransportProfile.TCP_UASC_UABINARY)
                .setBindAddress(listen.host())
                .setBindPort(listen.port())
                .setHostname(listen.host())
                .setCertificate(certificate)
                .addTokenPolicies(
                        OpcUaServerConfig.USER_TOKEN_POLICY_ANONYMOUS, OpcUaServerConfig.USER_TOKEN_POLICY_USERNAME);
        endpoints.add(plain.build());
        if (secured) {
            for (SecurityPolicy policy : List.of(
                    SecurityPolicy.Basic256Sha256,
                    SecurityPolicy.Aes128_Sha256_RsaOaep,
                    SecurityPolicy.Aes256_Sha256_RsaPss)) {
                endpoints.add(plain.copy()
                        .setSecurityPolicy(policy)
                        .setSecurityMode(MessageSecurityMode.SignAndEncrypt)
                        .build());
            }
        }
        return endpoints;
    }

    private final class OwnCertificate extends RsaSha256CertificateFactory {
        @Override
        protected KeyPair createRsaSha256KeyPair() {
            return keys;
        }

        @Override
        protected X509Certificate[] createRsaSha256CertificateChain(KeyPair keyPair) {
            return new X509Certificate[] {certificate};
        }
    }

    @Override
    public void close() throws IOException {
        FleetSpace oldSpace = space;
        OpcUaServer old = server;
        space = null;
        server = null;
        if (oldSpace != null) {
            oldSpace.shutdown();
        }
        if (old != null) {
            try {
                old.shutdown().get();
            } catch (ExecutionException e) {
                throw new IOException(listen + " did not end well: " + e.getCause(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
