package io.tributary.collector.commands;

import io.tributary.model.Names;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;

/** What a command does. */
public sealed interface CommandAction {
    /** As the API names it. */
    String kind();

    /** What it holds in memory and on the wire, roughly. */
    int bytes();

    /**
     * A message to a device that is connected to a listener of the agent.
     *
     * @param source empty: the first that can
     * @param device as it calls itself there
     * @param topic below the device's own; no wildcards
     */
    record DevicePublish(String source, String device, String topic, byte[] payload) implements CommandAction {
        public DevicePublish {
            Names.check("device", device);
            Names.check("topic", topic);
            for (String name : new String[] {device, topic}) {
                if (name.indexOf('+') >= 0 || name.indexOf('#') >= 0) {
                    throw new IllegalArgumentException(
                            "\"" + name + "\" has a wildcard, expected the name of one device and one topic");
                }
            }
            if (device.indexOf('/') >= 0) {
                throw new IllegalArgumentException("device \"" + device + "\" has a slash, which no client has"
                        + " that may subscribe to commands");
            }
        }

        @Override
        public String kind() {
            return "device-publish";
        }

        @Override
        public int bytes() {
            return 2 * (source.length() + device.length() + topic.length()) + payload.length;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof DevicePublish that
                    && source.equals(that.source)
                    && device.equals(that.device)
                    && topic.equals(that.topic)
                    && Arrays.equals(payload, that.payload);
        }

        @Override
        public int hashCode() {
            return Objects.hash(source, device, topic, Arrays.hashCode(payload));
        }
    }

    /** @param value as text; the agent makes it a value of the node's type */
    record OpcUaWrite(String source, String node, String value) implements CommandAction {
        public OpcUaWrite {
            if (node.isEmpty()) {
                throw new IllegalArgumentException("node is empty, expected one such as ns=2;s=Pump.Setpoint");
            }
        }

        @Override
        public String kind() {
            return "opcua-write";
        }

        @Override
        public int bytes() {
            return 2 * (source.length() + node.length() + value.length());
        }
    }

    /** @param name {@code reload} or {@code diagnostics} */
    record AgentAction(String name) implements CommandAction {
        private static final Set<String> KNOWN = Set.of("reload", "diagnostics");

        public AgentAction {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException("action \"" + name + "\", expected reload or diagnostics");
            }
        }

        @Override
        public String kind() {
            return "agent";
        }

        @Override
        public int bytes() {
            return 2 * name.length();
        }
    }
}
