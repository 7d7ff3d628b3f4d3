package io.tributary.agent.source.opcua;

import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import io.tributary.config.TypeName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A subscription at an OPC UA server.
 *
 * @param endpoint {@code opc.tcp://HOST:PORT/PATH}
 * @param pki folder with our own key and the certificates that are trusted or were rejected; null: {@code opcua} beside
 *     the outbox
 * @param publishingInterval how often the server sends what has changed
 * @param samplingInterval how often the server looks at a variable; 0: as fast as it can
 * @param queue values of a variable that the server keeps between two publications
 * @param report whether a value that did not change is reported when its source time did
 * @param lifetime how long the server keeps the subscription when it hears nothing of the agent
 * @param keepAlive the server says that it lives when nothing has changed for so long
 * @param inFlight notifications on their way to the outbox; when there are so many the server is asked for no more
 * @param arrays what becomes of one-dimensional arrays
 * @param arrayMax elements of an array, at most
 * @param writable node IDs that commands may write, with {@code *} for any text; none: nothing is written
 * @param serverTime when the server's time is kept beside the source's
 */
@TypeName("opcua")
public record OpcuaConfig(
        @Default("opcua") String name,
        @Default("opc.tcp://127.0.0.1:4840") String endpoint,
        @Default("none") SecurityPolicy securityPolicy,
        @Default("sign-and-encrypt") SecurityMode securityMode,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Nullable Path pki,
        @Nullable String user,
        @Nullable Secret password,
        @Default("synced") Durability durability,
        @Default("500ms") Duration publishingInterval,
        @Default("500ms") Duration samplingInterval,
        @Default("100") int queue,
        @Default("value") Report report,
        @Default("10m") Duration lifetime,
        @Default("10s") Duration keepAlive,
        @Default("8") int inFlight,
        @Default("flatten") Arrays arrays,
        @Default("64") int arrayMax,
        @Default("differs") ServerTime serverTime,
        @Default("10s") Duration requestTimeout,
        @Default("500ms") Duration reconnectMin,
        @Default("60s") Duration reconnectMax,
        @Default("[]") List<String> writable,
        List<OpcuaNode> nodes)
        implements SourceConfig {
    /** Parts 4 and 7 of the specification; those that are deprecated for SHA-1 are left out. */
    public enum SecurityPolicy {
        NONE,
        BASIC256SHA256,
        AES128_SHA256_RSAOAEP,
        AES256_SHA256_RSAPSS
    }

    /** With every policy but none. */
    public enum SecurityMode {
        SIGN,
        SIGN_AND_ENCRYPT
    }

    /** What makes a server report a variable. */
    public enum Report {
        /** Another value or status. */
        VALUE,
        /** Another value, status or source time. */
        TIME
    }

    /** One-dimensional ones; matrices are refused always. */
    public enum Arrays {
        /** Each element is a channel: {@code name[0]}, {@code name[1]}, and so on. */
        FLATTEN,
        /** Dropped and counted. */
        REFUSE
    }

    /** When the server's time is kept, as channel {@code NAME.server-time} in ns since the epoch. */
    public enum ServerTime {
        /** When it is more than a second away from the source's. */
        DIFFERS,
        ALWAYS,
        NEVER
    }

    private static final Pattern ENDPOINT =
            Pattern.compile("opc\\.tcp://(\\[[0-9A-Fa-f:.]+]|[^/:\\[\\]]+)(?::([0-9]{1,5}))?(/.*)?");
    private static final int DEFAULT_PORT = 4840;

    public OpcuaConfig {
        Checks.name(name);
        HostPort address = address(endpoint);
        if (securityPolicy == SecurityPolicy.NONE && !allowPlaintextOffLoopback && !address.isLoopback()) {
            throw new IllegalArgumentException(
                    "endpoint is " + endpoint + ", another machine with security-policy none;"
                            + " expected another policy, or allow-plaintext-off-loopback: true");
        }
        if ((user == null) != (password == null)) {
            throw new IllegalArgumentException(
                    user == null ? "password without user, expected both" : "user without password, expected both");
        }
        Checks.positive("publishing-interval", publishingInterval);
        Checks.positive("request-timeout", requestTimeout);
        Checks.positive("reconnect-min", reconnectMin);
        Checks.between("queue", queue, 1, OpcuaNode.QUEUE_MOST);
        Checks.between("in-flight", inFlight, 1, 1_000);
        Checks.between("array-max", arrayMax, 1, 10_000);
        if (keepAlive.compareTo(publishingInterval) < 0) {
            throw new IllegalArgumentException(
                    "keep-alive is " + keepAlive + ", expected at least publishing-interval, " + publishingInterval);
        }
        if (lifetime.compareTo(keepAlive.multipliedBy(3)) < 0) {
            throw new IllegalArgumentException(
                    "lifetime is " + lifetime + ", expected at least three times keep-alive, " + keepAlive);
        }
        if (reconnectMax.compareTo(reconnectMin) < 0) {
            throw new IllegalArgumentException(
                    "reconnect-max is " + reconnectMax + ", expected at least reconnect-min, " + reconnectMin);
        }
        writable = List.copyOf(writable);
        nodes = List.copyOf(nodes);
        if (nodes.isEmpty()) {
            throw new IllegalArgumentException("nodes is empty, expected at least one");
        }
        Set<String> selectors = new HashSet<>();
        for (OpcuaNode node : nodes) {
            if (!selectors.add(node.selector())) {
                throw new IllegalArgumentException("nodes has \"" + node.selector() + "\" twice, expected it once");
            }
        }
    }

    /**
     * Host and port of an endpoint's URL.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static HostPort address(String endpoint) {
        Matcher url = ENDPOINT.matcher(endpoint);
        if (!url.matches()) {
            throw new IllegalArgumentException(
                    "endpoint is \"" + endpoint + "\", expected opc.tcp://HOST:PORT and maybe a path");
        }
        String port = url.group(2) == null ? String.valueOf(DEFAULT_PORT) : url.group(2);
        return HostPort.parse(url.group(1) + ":" + port);
    }

    /** Whether a command may write a node. */
    boolean isWritable(String node) {
        for (String each : writable) {
            String regex = Pattern.quote(each).replace("*", "\\E.*\\Q");
            if (node.matches(regex)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public Source open(SourceContext context) {
        Path folder = pki == null ? context.directory().resolve("opcua") : pki;
        return new OpcuaSource(
                this,
                context.agent(),
                folder,
                context.directory().resolve(name + ".subscription"),
                context.intake(),
                context.clock(),
                context.random(),
                context.metrics(OpcuaMetrics.class, OpcuaMetrics::new));
    }
}
