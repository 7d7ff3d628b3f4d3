package io.tributary.agent.source.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.Security;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.eclipse.milo.opcua.sdk.client.DiscoveryClient;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.sdk.client.OpcUaClientConfig;
import org.eclipse.milo.opcua.sdk.client.identity.AnonymousProvider;
import org.eclipse.milo.opcua.sdk.client.identity.IdentityProvider;
import org.eclipse.milo.opcua.sdk.client.identity.UsernameProvider;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.security.SecurityPolicy;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.util.EndpointUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens connections to one server with one identity. One thread at a time. */
final class ServerConnector {
    /** Of an exception, in the text of another: it says nothing to who sets a source up. */
    private static final Pattern CLASS_NAME = Pattern.compile("(?:[a-z]\\w*\\.)+[A-Z][\\w$]*Exception: ");

    private static final Logger LOG = LoggerFactory.getLogger(ServerConnector.class);
    private static final long KEEP_ALIVE_MILLIS = 5_000;

    private final Target target;
    private final TrustFolder trust;

    /**
     * What to connect to, and as whom.
     *
     * @param agent part of our application's URI
     */
    record Target(
            String agent,
            String endpoint,
            OpcuaConfig.SecurityPolicy policy,
            OpcuaConfig.SecurityMode mode,
            @Nullable String user,
            @Nullable Secret password,
            Duration requestTimeout) {}

    ServerConnector(Target target, Path pki) {
        this.target = target;
        this.trust = new TrustFolder(pki);
    }

    /** What the server offers; asked without security, as nobody can know better yet. */
    static List<EndpointDescription> endpoints(String endpoint, Duration timeout) throws IOException {
        try {
            return DiscoveryClient.getEndpoints(
                            endpoint, transport -> transport.setConnectTimeout(uint(timeout.toMillis())))
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IOException(endpoint + ": " + reason(e.getCause() == null ? e : e.getCause()), e);
        } catch (TimeoutException e) {
            throw new IOException(endpoint + " told no endpoints in " + timeout.toMillis() + " ms", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** A client with an active session; it reconnects by itself until it is disconnected. */
    OpcUaClient connect() throws IOException {
        EndpointDescription endpoint = choose(endpoints(target.endpoint(), target.requestTimeout()));
        OpcUaClient client;
        try {
            client = OpcUaClient.create(
                    config(endpoint),
                    transport -> transport
                            .setConnectTimeout(uint(target.requestTimeout().toMillis()))
                            .setAcknowledgeTimeout(uint(target.requestTimeout().toMillis())));
        } catch (UaException e) {
            throw new IOException(reason(e), e);
        }
        try {
            client.connectAsync().get(2 * target.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
            return client;
        } catch (ExecutionException e) {
            disconnect(client);
            throw new IOException(target.endpoint() + ": " + reason(e.getCause() == null ? e : e.getCause()), e);
        } catch (TimeoutException e) {
            disconnect(client);
            throw new IOException(
                    target.endpoint() + " opened no session in "
                            + 2 * target.requestTimeout().toMillis() + " ms",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            disconnect(client);
            throw new IOException("interrupted", e);
        }
    }

    void disconnect(OpcUaClient client) {
        try {
            client.disconnectAsync().get(target.requestTimeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.debug("{} not left in good order", target.endpoint(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private OpcUaClientConfig config(EndpointDescription endpoint) throws IOException {
        var config = OpcUaClientConfig.builder()
                .setApplicationName(LocalizedText.english("Tributary edge-agent " + target.agent()))
                .setApplicationUri("urn:tributary:edge-agent:" + target.agent())
                .setSessionName(() -> "tributary " + target.agent())
                .setRequestTimeout(uint(target.requestTimeout().toMillis()))
                .setKeepAliveInterval(uint(KEEP_ALIVE_MILLIS))
                .setKeepAliveTimeout(uint(target.requestTimeout().toMillis()))
                .setEndpoint(endpoint)
                .setIdentityProvider(identity());
        if (target.policy() == OpcuaConfig.SecurityPolicy.NONE) {
            return config.setCertificateValidator(new CertificateValidator.InsecureCertificateValidator())
                    .build();
        }
        if (target.policy() == OpcuaConfig.SecurityPolicy.AES256_SHA256_RSAPSS
                && Security.getProvider(BouncyCastleProvider.PROVIDER_NAME) == null) {
            // Milo asks for the algorithm by the name that only this provider has; behind the others, for nothing else.
            Security.addProvider(new BouncyCastleProvider());
        }
        TrustFolder.Identity own = trust.identity("urn:tributary:edge-agent:" + target.agent());
        return config.setApplicationUri(own.applicationUri())
                .setKeyPair(own.keys())
                .setCertificate(own.certificate())
                .setCertificateChain(new java.security.cert.X509Certificate[] {own.certificate()})
                .setCertificateValidator(trust.validator())
                .build();
    }

    private IdentityProvider identity() {
        String user = target.user();
        Secret password = target.password();
        if (user == null || password == null) {
            return AnonymousProvider.INSTANCE;
        }
        // With policy none nobody vouches for the server's certificate, which the password may be encrypted with.
        CertificateValidator validator = target.policy() == OpcuaConfig.SecurityPolicy.NONE
                ? new CertificateValidator.InsecureCertificateValidator()
                : trust.validator();
        return new UsernameProvider(user, () -> password.value().getBytes(StandardCharsets.UTF_8), validator);
    }

    private EndpointDescription choose(List<EndpointDescription> offered) throws IOException {
        String policy = policy(target.policy()).getUri();
        MessageSecurityMode mode = target.policy() == OpcuaConfig.SecurityPolicy.NONE
                ? MessageSecurityMode.None
                : target.mode() == OpcuaConfig.SecurityMode.SIGN
                        ? MessageSecurityMode.Sign
                        : MessageSecurityMode.SignAndEncrypt;
        for (EndpointDescription each : offered) {
            if (policy.equals(each.getSecurityPolicyUri())
                    && mode == each.getSecurityMode()
                    && String.valueOf(each.getEndpointUrl()).startsWith("opc.tcp")) {
                // Servers name themselves as their own network does; we come from another one.
                HostPort address = OpcuaConfig.address(target.endpoint());
                return EndpointUtil.updateUrl(each, address.host(), address.port());
            }
        }
        throw new IOException(target.endpoint() + " does not offer " + policyName(policy) + " with " + mode
                + ", expected one of "
                + offered.stream()
                        .map(each -> policyName(String.valueOf(each.getSecurityPolicyUri())) + " with "
                                + each.getSecurityMode())
                        .distinct()
                        .toList());
    }

    private static SecurityPolicy policy(OpcuaConfig.SecurityPolicy policy) {
        return switch (policy) {
            case NONE -> SecurityPolicy.None;
            case BASIC256SHA256 -> SecurityPolicy.Basic256Sha256;
            case AES128_SHA256_RSAOAEP -> SecurityPolicy.Aes128_Sha256_RsaOaep;
            case AES256_SHA256_RSAPSS -> SecurityPolicy.Aes256_Sha256_RsaPss;
        };
    }

    /** The last part of its URI. */
    static String policyName(String uri) {
        return uri.substring(uri.lastIndexOf('#') + 1);
    }

    /** The status where there is one; the library's messages are often empty. */
    static String reason(Throwable failure) {
        String status = UaException.extract(failure)
                .map(e -> e.getStatusCode().toString())
                .orElse("");
        String text = failure.getMessage() == null ? failure.getClass().getSimpleName() : failure.getMessage();
        text = CLASS_NAME.matcher(text).replaceAll("");
        return status.isEmpty() || text.contains(status) ? text : text + " (" + status + ")";
    }
}
