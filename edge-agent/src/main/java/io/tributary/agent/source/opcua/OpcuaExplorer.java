package io.tributary.agent.source.opcua;

import io.tributary.config.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.jspecify.annotations.Nullable;

/** Looks at a server for whoever sets a source up. Plain values out, so that the command line knows nothing of Milo. */
public final class OpcuaExplorer implements AutoCloseable {
    private static final int SHOWN_CHARACTERS = 60;

    private final ServerConnector connector;
    private final OpcUaClient client;
    private final AddressSpaceReader space;

    /** What the server offers. */
    public record Endpoint(String url, String policy, String mode, List<String> identities) {}

    /**
     * A node, in the order of a tree.
     *
     * @param depth below where browsing began
     * @param id with the namespace's URI, as the key {@code node} takes it
     * @param path from the Objects folder, as the key {@code path} takes it
     * @param type of the value, {@code Double}, {@code Double[]}; empty for what has none
     * @param value shortened; empty for what has none
     * @param status of the value
     */
    public record Entry(
            int depth,
            String id,
            String path,
            String name,
            boolean variable,
            String type,
            String unit,
            String value,
            String status) {}

    /** What the configuration finds. */
    public record Finding(String id, String device, String channel, String unit, String value, String status) {}

    private OpcuaExplorer(ServerConnector connector, OpcUaClient client) {
        this.connector = connector;
        this.client = client;
        this.space = new AddressSpaceReader(client);
    }

    /** Endpoints need no connection of ours, and no trust. */
    public static List<Endpoint> endpoints(String endpoint, Duration timeout) throws IOException {
        return ServerConnector.endpoints(endpoint, timeout).stream()
                .map(each -> new Endpoint(
                        String.valueOf(each.getEndpointUrl()),
                        ServerConnector.policyName(String.valueOf(each.getSecurityPolicyUri())),
                        String.valueOf(each.getSecurityMode()),
                        each.getUserIdentityTokens() == null
                                ? List.of()
                                : java.util.Arrays.stream(each.getUserIdentityTokens())
                                        .map(token -> String.valueOf(token.getTokenType()))
                                        .distinct()
                                        .toList()))
                .toList();
    }

    /** @throws IOException why there is no session */
    public static OpcuaExplorer connect(
            String endpoint,
            OpcuaConfig.SecurityPolicy policy,
            OpcuaConfig.SecurityMode mode,
            @Nullable String user,
            @Nullable Secret password,
            Path pki,
            Duration timeout)
            throws IOException {
        ServerConnector connector = new ServerConnector(
                new ServerConnector.Target("explorer", endpoint, policy, mode, user, password, timeout), pki);
        return new OpcuaExplorer(connector, connector.connect());
    }

    /** The same as a source does it. */
    public static OpcuaExplorer connect(OpcuaConfig config, String agent, Path pki) throws IOException {
        ServerConnector connector = new ServerConnector(
                new ServerConnector.Target(
                        agent,
                        config.endpoint(),
                        config.securityPolicy(),
                        config.securityMode(),
                        config.user(),
                        config.password(),
                        config.requestTimeout()),
                pki);
        return new OpcuaExplorer(connector, connector.connect());
    }

    /**
     * The tree below a path, without what the specification itself puts there.
     *
     * @param path {@code /} for the Objects folder
     * @param depthMost 1: only the children
     */
    public List<Entry> browse(String path, int depthMost, int entriesMost) throws IOException {
        try {
            NodeId root = space.translate(path);
            if (root == null) {
                throw new IOException("the server has no " + path);
            }
            List<Entry> entries = new ArrayList<>();
            List<NodeId> variables = new ArrayList<>();
            descend(root, path.equals("/") ? "" : path, 0, depthMost, entriesMost, entries, variables);
            return withValues(entries, variables);
        } catch (UaException e) {
            throw new IOException(ServerConnector.reason(e), e);
        }
    }

    private void descend(
            NodeId node, String path, int depth, int depthMost, int most, List<Entry> entries, List<NodeId> variables)
            throws UaException {
        Set<NodeId> seen = new HashSet<>();
        for (AddressSpaceReader.Child child : space.children(node)) {
            if (entries.size() >= most
                    || !seen.add(child.id())
                    || child.id().getNamespaceIndex().intValue() == 0) {
                continue;
            }
            int namespace = child.name().getNamespaceIndex().intValue();
            String name = Objects.requireNonNullElse(child.name().getName(), "");
            String below = path + "/" + (namespace == 0 ? "" : namespace + ":") + name;
            entries.add(new Entry(depth, text(child.id()), below, name, child.variable(), "", "", "", ""));
            if (child.variable()) {
                variables.add(child.id());
            }
            if (depth + 1 < depthMost) {
                descend(child.id(), below, depth + 1, depthMost, most, entries, variables);
            }
        }
    }

    private List<Entry> withValues(List<Entry> entries, List<NodeId> variables) throws UaException {
        List<DataValue> values = variables.isEmpty() ? List.of() : space.read(variables, AttributeId.Value);
        List<String> units = variables.isEmpty() ? List.of() : space.units(variables);
        List<Entry> full = new ArrayList<>(entries.size());
        int next = 0;
        for (Entry each : entries) {
            if (each.variable()) {
                DataValue value = values.get(next);
                full.add(new Entry(
                        each.depth(),
                        each.id(),
                        each.path(),
                        each.name(),
                        true,
                        type(value),
                        units.get(next++),
                        shown(value),
                        status(value)));
            } else {
                full.add(each);
            }
        }
        return full;
    }

    /** What the nodes of a configuration are at this server; one whose entry finds nothing is not there. */
    public List<Finding> check(OpcuaConfig config) throws IOException {
        try {
            List<MonitoredNode> nodes = new NodeResolver(config.name(), client).resolve(config.nodes());
            List<NodeId> ids = nodes.stream().map(node -> node.id).toList();
            List<DataValue> values = ids.isEmpty() ? List.of() : space.read(ids, AttributeId.Value);
            List<Finding> findings = new ArrayList<>();
            for (int i = 0; i < nodes.size(); i++) {
                MonitoredNode node = nodes.get(i);
                findings.add(new Finding(
                        text(node.id),
                        node.device.id(),
                        node.name,
                        node.unit,
                        shown(values.get(i)),
                        status(values.get(i))));
            }
            return findings;
        } catch (UaException e) {
            throw new IOException(ServerConnector.reason(e), e);
        }
    }

    private String text(NodeId id) {
        return id.expanded(client.getNamespaceTable()).toParseableString();
    }

    private static String type(DataValue value) {
        Variant content = value.getValue();
        Object object = content == null ? null : content.getValue();
        if (content == null || object == null) {
            return "";
        }
        String name = content.getDataType()
                .map(OpcUaDataType::name)
                .orElse(object.getClass().getSimpleName());
        return object.getClass().isArray() ? name + "[]" : name;
    }

    private static String shown(DataValue value) {
        Object object = value.getValue() == null ? null : value.getValue().getValue();
        if (object == null) {
            return "";
        }
        String text = object instanceof Object[] array
                ? java.util.Arrays.toString(array)
                : object.getClass().isArray() ? "…" : object.toString();
        text = text.replaceAll("\\p{Cntrl}", "?");
        return text.length() <= SHOWN_CHARACTERS ? text : text.substring(0, SHOWN_CHARACTERS) + "…";
    }

    private static String status(DataValue value) {
        return org.eclipse.milo.opcua.stack.core.StatusCodes.lookup(
                        value.getStatusCode().getValue())
                .map(names -> names[0])
                .orElse(value.getStatusCode().toString());
    }

    @Override
    public void close() {
        connector.disconnect(client);
    }
}
