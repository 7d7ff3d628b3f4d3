package io.tributary.agent.source.opcua;

import io.tributary.agent.decode.AddressTemplate;
import io.tributary.agent.decode.Message;
import io.tributary.model.Device;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.UaRuntimeException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the variables that the configuration names. An entry before another one wins where both name a variable; what
 * the server does not have is told and left out, as servers come up in parts.
 */
final class NodeResolver {
    private static final Logger LOG = LoggerFactory.getLogger(NodeResolver.class);
    /** Deeper than any plant is modelled; ends what refers to itself. */
    private static final int DEPTH_MOST = 32;
    /** Bounds what a server can make of a pattern. */
    private static final int NODES_MOST = 100_000;

    private final String source;
    private final OpcUaClient client;
    private final AddressSpaceReader space;
    private final Map<NodeId, Found> found = new LinkedHashMap<>();
    private int missing;

    /** A variable before its unit is known. */
    private record Found(Device device, String channel, OpcuaNode settings) {}

    NodeResolver(String source, OpcUaClient client) {
        this.source = source;
        this.client = client;
        this.space = new AddressSpaceReader(client);
    }

    /** Entries that the server has nothing for. */
    int missing() {
        return missing;
    }

    List<MonitoredNode> resolve(List<OpcuaNode> settings) throws UaException {
        for (OpcuaNode each : settings) {
            int before = found.size();
            if (each.pattern() != null) {
                browse(each, each.pattern());
            } else {
                single(each);
            }
            if (found.size() == before) {
                missing++;
                LOG.warn("source {}: the server has no variable {}", source, each.selector());
            }
        }
        List<NodeId> ids = List.copyOf(found.keySet());
        List<String> units = space.units(
                ids.stream().filter(id -> found(id).settings().unit() == null).toList());
        List<MonitoredNode> nodes = new ArrayList<>(ids.size());
        int next = 0;
        for (NodeId id : ids) {
            Found each = found(id);
            String given = each.settings().unit();
            String unit = given == null ? units.get(next++) : given;
            try {
                nodes.add(new MonitoredNode(id, each.device(), each.channel(), unit, each.settings()));
            } catch (IllegalArgumentException e) {
                missing++;
                LOG.warn("source {}: {} cannot be a channel: {}", source, id.toParseableString(), e.getMessage());
            }
        }
        return nodes;
    }

    private Found found(NodeId id) {
        return Objects.requireNonNull(found.get(id));
    }

    private void single(OpcuaNode settings) throws UaException {
        String path = settings.path();
        NodeId id = path == null ? parse(Objects.requireNonNull(settings.node())) : space.translate(path);
        if (id == null) {
            return;
        }
        var name = space.read(List.of(id), org.eclipse.milo.opcua.stack.core.AttributeId.BrowseName)
                .get(0);
        if (name.getStatusCode().isBad()
                || !(name.getValue().getValue()
                        instanceof org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName browseName)) {
            return;
        }
        String channel =
                settings.channel() == null ? Objects.requireNonNullElse(browseName.getName(), "") : settings.channel();
        add(id, new Message.Names(Objects.requireNonNull(settings.device()), channel, Map.of()), "", settings);
    }

    private @Nullable NodeId parse(String text) {
        try {
            return ExpandedNodeId.parse(text)
                    .toNodeId(client.getNamespaceTable())
                    .orElse(null);
        } catch (UaRuntimeException e) {
            LOG.warn("source {}: {} is no node ID, expected nsu=URI;s=TEXT or ns=N;i=NUMBER", source, text);
            return null;
        }
    }

    private void browse(OpcuaNode settings, AddressTemplate pattern) throws UaException {
        NodeId root = settings.root() == null ? NodeIds.ObjectsFolder : space.translate(settings.root());
        if (root != null) {
            String[] segments = pattern.toString().split("/", -1);
            int depth = segments[segments.length - 1].equals("#") ? DEPTH_MOST : segments.length;
            descend(root, "", 0, depth, segments, settings, pattern, new HashSet<>(Set.of(root)));
        }
    }

    private void descend(
            NodeId node,
            String path,
            int level,
            int depth,
            String[] segments,
            OpcuaNode settings,
            AddressTemplate pattern,
            Set<NodeId> seen)
            throws UaException {
        for (AddressSpaceReader.Child child : space.children(node)) {
            String name = Objects.requireNonNullElse(child.name().getName(), "");
            // What the specification itself puts there: diagnostics, hundreds of variables that no pattern means.
            boolean standard = child.id().getNamespaceIndex().intValue() == 0;
            boolean possible = !standard && !name.contains("/") && fits(segments, level, name);
            if (!possible || !seen.add(child.id()) || found.size() >= NODES_MOST) {
                continue;
            }
            String below = path.isEmpty() ? name : path + "/" + name;
            if (child.variable()) {
                Message.Names names = pattern.match(below);
                if (names != null) {
                    add(child.id(), names, name, settings);
                }
            }
            if (level + 1 < depth) {
                descend(child.id(), below, level + 1, depth, segments, settings, pattern, seen);
            }
        }
    }

    private static boolean fits(String[] segments, int level, String name) {
        if (level >= segments.length) {
            return true; // below "#"
        }
        String segment = segments[level];
        boolean literal = !segment.equals("+") && !segment.equals("#") && !segment.startsWith("{");
        return !literal || segment.equals(name);
    }

    private void add(NodeId id, Message.Names names, String browseName, OpcuaNode settings) {
        Map<String, String> tags = new TreeMap<>(settings.tags());
        tags.putAll(names.tags());
        String device = names.device().isEmpty() ? String.valueOf(settings.device()) : names.device();
        String channel = names.channel().isEmpty() ? browseName : names.channel();
        try {
            found.putIfAbsent(id, new Found(new Device(device, tags), channel, settings));
        } catch (IllegalArgumentException e) {
            missing++;
            LOG.warn("source {}: {} cannot be a device: {}", source, id.toParseableString(), e.getMessage());
        }
    }
}
