package io.tributary.agent.source;

/** Something that a device shall do, carried out by the source it is connected to. */
public sealed interface DeviceCommand {
    /**
     * A message to a device.
     *
     * @param device as it calls itself at the source
     * @param topic below the device's own
     */
    record Publish(String device, String topic, byte[] payload) implements DeviceCommand {
        @Override
        public String toString() {
            return "device-publish to " + device + " on " + topic;
        }
    }

    /**
     * A value for a node.
     *
     * @param node as the source's configuration names nodes
     * @param value as text; the source makes it a value of the node's type
     */
    record Write(String node, String value) implements DeviceCommand {
        @Override
        public String toString() {
            return "opcua-write to " + node;
        }
    }
}
