package io.tributary.agent.decode;

import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What edge nodes and their devices said at birth, within a budget of bytes: when it is spent, the nodes heard of least
 * recently are forgotten, and will be asked again when they speak. Guarded by its decoder.
 */
final class SparkplugNodes {
    /** Maps, names and counters of a node or device without metrics. */
    private static final long HOLDER_BYTES = 512;
    /** A definition, its two map entries and its boxed alias, without texts. */
    private static final long DEFINITION_BYTES = 200;

    private final long bytesMax;
    private final LinkedHashMap<String, Node> nodes = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private long forgotten;

    /** What a birth says of a metric once for all messages that follow. */
    record Definition(String name, int datatype, String unit) {}

    /** The metrics of a node itself, or of one of its devices. */
    static final class Birth {
        private final Map<Long, Definition> byAlias = new HashMap<>();
        private final Map<String, Definition> byName = new HashMap<>();
        private long bytes = HOLDER_BYTES;

        void define(long alias, Definition definition) {
            bytes += DEFINITION_BYTES
                    + 2L * definition.name().length()
                    + 2L * definition.unit().length();
            byName.put(definition.name(), definition);
            if (alias != SparkplugMetric.NO_ALIAS) {
                byAlias.put(alias, definition);
            }
        }

        @Nullable
        Definition byAlias(long alias) {
            return byAlias.get(alias);
        }

        @Nullable
        Definition byName(String name) {
            return byName.get(name);
        }
    }

    /** An edge node; its own metrics are those of the device with the empty name. */
    static final class Node {
        private final Map<String, Birth> births = new HashMap<>();
        private long bytes = HOLDER_BYTES;
        /** Of its birth certificate; -1 when that gave none. */
        long birthSequence = -1;

        int lastSequence = SparkplugPayload.NO_SEQUENCE;
        /** Monotonic; null before the first request. */
        @Nullable
        Long askedNs;

        @Nullable
        Birth birth(String device) {
            return births.get(device);
        }

        Set<String> devices() {
            return births.keySet();
        }
    }

    SparkplugNodes(long bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** The node, made if need be; it counts as heard of. */
    Node node(SparkplugTopic topic) {
        String key = topic.group() + "/" + topic.node();
        Node node = nodes.get(key);
        if (node == null) {
            node = new Node();
            node.bytes += 2L * key.length();
            nodes.put(key, node);
            bytes += node.bytes;
            trim(node);
        }
        return node;
    }

    /** @throws MalformedException when it alone is more than may be kept; nothing is kept of it then */
    void born(Node node, String device, Birth birth) throws MalformedException {
        died(node, device);
        if (node.bytes + birth.bytes > bytesMax) {
            throw new MalformedException("a birth that takes " + birth.bytes + " bytes to keep, expected at most "
                    + bytesMax + " (state-bytes-max)");
        }
        birth.bytes += 2L * device.length();
        node.births.put(device, birth);
        node.bytes += birth.bytes;
        bytes += birth.bytes;
        trim(node);
    }

    void died(Node node, String device) {
        Birth old = node.births.remove(device);
        if (old != null) {
            node.bytes -= old.bytes;
            bytes -= old.bytes;
        }
    }

    /** Of the node itself, and with it all its devices. */
    void died(Node node) {
        for (Birth birth : node.births.values()) {
            node.bytes -= birth.bytes;
            bytes -= birth.bytes;
        }
        node.births.clear();
        node.lastSequence = SparkplugPayload.NO_SEQUENCE;
    }

    private void trim(Node kept) {
        Iterator<Node> oldest = nodes.values().iterator();
        while (bytes > bytesMax && oldest.hasNext()) {
            Node node = oldest.next();
            if (node != kept) {
                oldest.remove();
                bytes -= node.bytes;
                forgotten++;
            }
        }
    }

    long bytes() {
        return bytes;
    }

    long forgotten() {
        return forgotten;
    }
}
