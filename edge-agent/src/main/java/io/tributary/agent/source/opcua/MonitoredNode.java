package io.tributary.agent.source.opcua;

import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.ValueType;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.jspecify.annotations.Nullable;

/** A variable of the server and the series it becomes. Owned by the source's worker once it is subscribed. */
final class MonitoredNode {
    final NodeId id;
    final Device device;
    final String name;
    final String unit;
    final OpcuaNode settings;
    /** Names from outside are logged once. */
    boolean refusalTold;

    /** Of the last value: what a status without a value is a reading of. */
    private @Nullable Channel channel;

    private final List<Channel> elements = new ArrayList<>(0);
    private @Nullable Channel serverTime;
    private long lastBits;
    private String lastText = "";

    /** @throws IllegalArgumentException when the name cannot be a channel's */
    MonitoredNode(NodeId id, Device device, String name, String unit, OpcuaNode settings) {
        this.id = id;
        this.device = device;
        this.name = Channel.of(name, ValueType.DOUBLE).name();
        this.unit = unit;
        this.settings = settings;
    }

    Channel channel(ValueType type) {
        Channel known = channel;
        if (known == null || known.type() != type) {
            known = new Channel(name, type, unit);
            channel = known;
        }
        return known;
    }

    Channel element(int index, ValueType type) {
        while (elements.size() <= index) {
            elements.add(new Channel(name + "[" + elements.size() + "]", type, unit));
        }
        Channel known = elements.get(index);
        if (known.type() != type) {
            known = new Channel(known.name(), type, unit);
            elements.set(index, known);
        }
        return known;
    }

    Channel serverTime() {
        Channel known = serverTime;
        if (known == null) {
            known = new Channel(name + ".server-time", ValueType.LONG, "ns");
            serverTime = known;
        }
        return known;
    }

    void last(long bits, String text) {
        lastBits = bits;
        lastText = text;
    }

    @Nullable
    Channel lastChannel() {
        return channel;
    }

    long lastBits() {
        return lastBits;
    }

    String lastText() {
        return lastText;
    }
}
