package io.tributary.sim.opcua;

import io.tributary.model.ValueType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.milo.opcua.sdk.core.Reference;
import org.eclipse.milo.opcua.sdk.server.ManagedNamespaceWithLifecycle;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.items.DataItem;
import org.eclipse.milo.opcua.sdk.server.items.MonitoredItem;
import org.eclipse.milo.opcua.sdk.server.nodes.UaFolderNode;
import org.eclipse.milo.opcua.sdk.server.nodes.UaVariableNode;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;

/**
 * Folder {@code Fleet} with a folder for each device and a variable for each channel. Changes go straight to the
 * monitored items instead of being sampled, so that the server's queues decide what is lost.
 */
final class FleetSpace extends ManagedNamespaceWithLifecycle {
    static final String URI = "urn:tributary:fleet";

    private final Map<NodeId, List<DataItem>> items = new ConcurrentHashMap<>();
    private final Map<NodeId, UaVariableNode> variables = new ConcurrentHashMap<>();
    /** Of the publishing thread. */
    private final Map<String, UaFolderNode> devices = new HashMap<>();

    private final UaFolderNode fleet;

    FleetSpace(OpcUaServer server) {
        super(server, URI);
        fleet = folder("Fleet");
        getLifecycleManager().addStartupTask(() -> {
            getNodeManager().addNode(fleet);
            fleet.addReference(
                    new Reference(fleet.getNodeId(), NodeIds.Organizes, NodeIds.ObjectsFolder.expanded(), false));
        });
    }

    private UaFolderNode folder(String name) {
        return new UaFolderNode(getNodeContext(), newNodeId(name), newQualifiedName(name), LocalizedText.english(name));
    }

    void publish(String device, String channel, ValueType type, DataValue value) {
        NodeId id = newNodeId(device + "." + channel);
        UaVariableNode variable = variables.get(id);
        if (variable == null) {
            UaFolderNode folder = devices.computeIfAbsent(device, name -> {
                UaFolderNode made = folder(name);
                getNodeManager().addNode(made);
                fleet.addOrganizes(made);
                return made;
            });
            variable = variable(id, channel, type);
            variable.setValue(value);
            getNodeManager().addNode(variable);
            folder.addOrganizes(variable);
            variables.put(id, variable);
            return;
        }
        List<DataItem> watchers = items.getOrDefault(id, List.of());
        // A new item begins with the node's value: it must not get this one twice, or miss it.
        synchronized (variable) {
            variable.setValue(value);
            for (DataItem item : watchers) {
                item.setValue(value);
            }
        }
    }

    private UaVariableNode variable(NodeId id, String channel, ValueType type) {
        return new UaVariableNode.UaVariableNodeBuilder(getNodeContext())
                .setNodeId(id)
                .setBrowseName(newQualifiedName(channel))
                .setDisplayName(LocalizedText.english(channel))
                .setDataType(
                        switch (type) {
                            case DOUBLE -> NodeIds.Double;
                            case LONG -> NodeIds.Int64;
                            case BOOL -> NodeIds.Boolean;
                            case STRING -> NodeIds.String;
                        })
                .setTypeDefinition(NodeIds.BaseDataVariableType)
                .build();
    }

    int watched() {
        return items.values().stream().mapToInt(List::size).sum();
    }

    @Override
    public void onDataItemsCreated(List<DataItem> created) {
        for (DataItem item : created) {
            NodeId id = item.getReadValueId().getNodeId();
            UaVariableNode variable = variables.get(id);
            if (variable != null) {
                synchronized (variable) {
                    item.setValue(variable.getValue());
                    items.computeIfAbsent(id, absent -> new CopyOnWriteArrayList<>())
                            .add(item);
                }
            }
        }
    }

    @Override
    public void onDataItemsModified(List<DataItem> modified) {
        // Neither sampling nor queue are ours.
    }

    @Override
    public void onDataItemsDeleted(List<DataItem> deleted) {
        for (DataItem item : deleted) {
            List<DataItem> watchers = items.get(item.getReadValueId().getNodeId());
            if (watchers != null) {
                watchers.remove(item);
            }
        }
    }

    @Override
    public void onMonitoringModeChanged(List<MonitoredItem> changed) {
        // The item itself knows.
    }
}
