package io.tributary.agent.decode;

import java.util.Map;

/**
 * What came by a source that has addresses: MQTT topics, HTTP paths.
 *
 * @param address the topic or path as it came; empty when the transport has none
 * @param names what the source's address template found in it: {@code device}, {@code channel}, and tags by name
 */
public record Message(String address, Names names, byte[] payload) {
    /**
     * Parts of the address, by their names in the template.
     *
     * @param device empty when the template names none: the payload has to
     * @param channel empty when the template names none
     */
    public record Names(String device, String channel, Map<String, String> tags) {
        public static final Names NONE = new Names("", "", Map.of());

        public Names {
            tags = Map.copyOf(tags);
        }
    }
}
