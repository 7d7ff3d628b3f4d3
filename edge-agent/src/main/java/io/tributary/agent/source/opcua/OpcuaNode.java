package io.tributary.agent.source.opcua;

import io.tributary.agent.decode.AddressTemplate;
import io.tributary.model.Device;
import io.tributary.model.Names;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One entry of {@code nodes}: one variable, or all that a pattern matches.
 *
 * @param node ID of a variable, {@code nsu=urn:plant;s=Pump1.Flow} or {@code ns=2;i=17}; the former survives a server that
 *     numbers its namespaces anew
 * @param path of browse names from the Objects folder, {@code /2:Line1/2:Pump1/2:Flow}; without a number, namespace 0
 * @param pattern template over the browse names (without namespaces) of variables below {@code root}
 * @param root where a pattern begins, a path as above; null for the Objects folder
 * @param device required unless the pattern names it
 * @param channel the variable's browse name when absent
 * @param unit the variable's own EngineeringUnits when absent
 * @param sampling null: that of the source
 * @param queue values that the server keeps between two publications; null: that of the source
 * @param deadband absolute; the server drops smaller changes
 * @param deadbandPercent of the variable's EURange
 */
public record OpcuaNode(
        @Nullable String node,
        @Nullable String path,
        @Nullable AddressTemplate pattern,
        @Nullable String root,
        @Nullable String device,
        @Nullable String channel,
        @Nullable String unit,
        @io.tributary.config.Default("{}") Map<String, String> tags,
        @Nullable Duration sampling,
        @Nullable Integer queue,
        @Nullable Double deadband,
        @Nullable Double deadbandPercent) {
    static final int QUEUE_MOST = 100_000;

    public OpcuaNode {
        int ways = (node == null ? 0 : 1) + (path == null ? 0 : 1) + (pattern == null ? 0 : 1);
        if (ways != 1) {
            throw new IllegalArgumentException(ways + " of node, path and pattern, expected exactly one");
        }
        if (root != null && pattern == null) {
            throw new IllegalArgumentException("root without a pattern, expected both or neither");
        }
        if (pattern == null ? device == null : device == null && !pattern.namesDevice()) {
            throw new IllegalArgumentException("no device, expected the key device"
                    + (pattern == null ? "" : " or {device} in the pattern \"" + pattern + "\""));
        }
        if (channel != null && pattern != null) {
            throw new IllegalArgumentException("channel \"" + channel + "\" for all variables of a pattern, expected"
                    + " {channel} in the pattern, or neither: the browse name");
        }
        if (deadband != null && deadbandPercent != null) {
            throw new IllegalArgumentException("deadband and deadband-percent, expected at most one of them");
        }
        if (deadband != null && deadband < 0) {
            throw new IllegalArgumentException("deadband is " + deadband + ", expected 0 or more");
        }
        if (deadbandPercent != null && (deadbandPercent < 0 || deadbandPercent > 100)) {
            throw new IllegalArgumentException("deadband-percent is " + deadbandPercent + ", expected 0 to 100");
        }
        if (queue != null && (queue < 1 || queue > QUEUE_MOST)) {
            throw new IllegalArgumentException("queue is " + queue + ", expected 1 to " + QUEUE_MOST);
        }
        tags = new Device(device == null ? "device" : device, tags).tags();
        if (channel != null) {
            Names.check("channel", channel);
        }
    }

    /** For messages: what the configuration says. */
    String selector() {
        return node != null ? node : path != null ? path : String.valueOf(pattern);
    }
}
