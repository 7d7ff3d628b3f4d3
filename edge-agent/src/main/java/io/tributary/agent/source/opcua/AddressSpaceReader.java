package io.tributary.agent.source.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseDirection;
import org.eclipse.milo.opcua.stack.core.types.enumerated.BrowseResultMask;
import org.eclipse.milo.opcua.stack.core.types.enumerated.NodeClass;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePath;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePathResult;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowsePathTarget;
import org.eclipse.milo.opcua.stack.core.types.structured.BrowseResult;
import org.eclipse.milo.opcua.stack.core.types.structured.EUInformation;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.eclipse.milo.opcua.stack.core.types.structured.ReferenceDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.RelativePath;
import org.eclipse.milo.opcua.stack.core.types.structured.RelativePathElement;
import org.jspecify.annotations.Nullable;

/** What a server has: children, paths, attributes, units; asked in parts that every server takes. */
final class AddressSpaceReader {
    /** Small servers take few at a time; reading their own limits would be another call to the same end. */
    private static final int PER_CALL = 100;

    private final OpcUaClient client;

    AddressSpaceReader(OpcUaClient client) {
        this.client = client;
    }

    /** @param variable whether it has a value, rather than being a folder or an object */
    record Child(NodeId id, QualifiedName name, boolean variable) {}

    /** Objects and variables below a node, by hierarchical references; those of other servers are left out. */
    List<Child> children(NodeId of) throws UaException {
        List<Child> found = new ArrayList<>();
        BrowseResult result = client.browse(new BrowseDescription(
                of,
                BrowseDirection.Forward,
                NodeIds.HierarchicalReferences,
                true,
                uint(NodeClass.Object.getValue() | NodeClass.Variable.getValue()),
                uint(BrowseResultMask.All.getValue())));
        while (true) {
            if (result.getStatusCode().isBad()) {
                throw new UaException(result.getStatusCode());
            }
            ReferenceDescription[] references = result.getReferences();
            for (ReferenceDescription each : references == null ? new ReferenceDescription[0] : references) {
                each.getNodeId()
                        .toNodeId(client.getNamespaceTable())
                        .ifPresent(id -> found.add(
                                new Child(id, each.getBrowseName(), each.getNodeClass() == NodeClass.Variable)));
            }
            if (result.getContinuationPoint() == null
                    || result.getContinuationPoint().isNullOrEmpty()) {
                return found;
            }
            result = Objects.requireNonNull(client.browseNext(false, List.of(result.getContinuationPoint()))
                    .getResults())[0];
        }
    }

    /** The node behind a path of browse names from the Objects folder; null when the server has none. */
    @Nullable
    NodeId translate(String path) throws UaException {
        List<RelativePathElement> elements = new ArrayList<>();
        for (String segment : path.split("/")) {
            if (!segment.isEmpty()) {
                elements.add(new RelativePathElement(NodeIds.HierarchicalReferences, false, true, browseName(segment)));
            }
        }
        if (elements.isEmpty()) {
            return NodeIds.ObjectsFolder;
        }
        return translate(List.of(new BrowsePath(
                        NodeIds.ObjectsFolder, new RelativePath(elements.toArray(new RelativePathElement[0])))))
                .get(0);
    }

    /** {@code 2:Pump1}; without a number, of namespace 0. */
    static QualifiedName browseName(String segment) {
        int colon = segment.indexOf(':');
        if (colon > 0 && segment.substring(0, colon).chars().allMatch(Character::isDigit) && colon <= 5) {
            return new QualifiedName(Integer.parseInt(segment.substring(0, colon)), segment.substring(colon + 1));
        }
        return new QualifiedName(0, segment);
    }

    private List<@Nullable NodeId> translate(List<BrowsePath> paths) throws UaException {
        List<@Nullable NodeId> found = new ArrayList<>(paths.size());
        for (int from = 0; from < paths.size(); from += PER_CALL) {
            List<BrowsePath> part = paths.subList(from, Math.min(paths.size(), from + PER_CALL));
            BrowsePathResult[] results =
                    Objects.requireNonNull(client.translateBrowsePaths(part).getResults());
            for (BrowsePathResult each : results) {
                BrowsePathTarget[] targets = each.getTargets();
                found.add(
                        each.getStatusCode().isGood() && targets != null && targets.length > 0
                                ? targets[0]
                                        .getTargetId()
                                        .toNodeId(client.getNamespaceTable())
                                        .orElse(null)
                                : null);
            }
        }
        return found;
    }

    /** Attributes of nodes, in the order asked for. */
    List<DataValue> read(List<NodeId> nodes, AttributeId attribute) throws UaException {
        List<DataValue> values = new ArrayList<>(nodes.size());
        for (int from = 0; from < nodes.size(); from += PER_CALL) {
            List<ReadValueId> part = nodes.subList(from, Math.min(nodes.size(), from + PER_CALL)).stream()
                    .map(node -> new ReadValueId(node, attribute.uid(), null, QualifiedName.NULL_VALUE))
                    .toList();
            values.addAll(Arrays.asList(Objects.requireNonNull(
                    client.read(0, TimestampsToReturn.Both, part).getResults())));
        }
        return values;
    }

    /** The text of each variable's EngineeringUnits; empty where it has none. */
    List<String> units(List<NodeId> variables) throws UaException {
        RelativePathElement property =
                new RelativePathElement(NodeIds.HasProperty, false, true, new QualifiedName(0, "EngineeringUnits"));
        List<@Nullable NodeId> properties = translate(variables.stream()
                .map(node -> new BrowsePath(node, new RelativePath(new RelativePathElement[] {property})))
                .toList());
        List<NodeId> present = properties.stream().filter(Objects::nonNull).toList();
        List<DataValue> values = present.isEmpty() ? List.of() : read(present, AttributeId.Value);
        List<String> units = new ArrayList<>(variables.size());
        int next = 0;
        for (NodeId each : properties) {
            units.add(each == null ? "" : unit(values.get(next++)));
        }
        return units;
    }

    private String unit(DataValue value) {
        Object content = value.getValue() == null ? null : value.getValue().getValue();
        if (content instanceof ExtensionObject object
                && object.decode(client.getStaticEncodingContext()) instanceof EUInformation unit
                && unit.getDisplayName() != null) {
            return Objects.requireNonNullElse(unit.getDisplayName().getText(), "");
        }
        return "";
    }
}
