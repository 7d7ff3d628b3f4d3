package io.tributary.agent.source.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import io.tributary.agent.source.DeviceOutcome;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.OpcUaDataType;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaRuntimeException;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExpandedNodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.jspecify.annotations.Nullable;

/**
 * Writes the value of a node, once. Its present value says of which type the new one has to be, for servers take no
 * other; where there is none, its data type does.
 *
 * <p>Any thread; does not block.
 */
final class NodeWriter {
    private final OpcUaClient client;
    private final Duration timeout;

    NodeWriter(OpcUaClient client, Duration timeout) {
        this.client = client;
        this.timeout = timeout;
    }

    CompletableFuture<DeviceOutcome> write(String node, String text) {
        NodeId id = parse(node);
        if (id == null) {
            return done(
                    DeviceOutcome.Kind.FAILED, "node " + node + " is none, or of a namespace that the server lacks");
        }
        List<ReadValueId> wanted = List.of(attribute(id, AttributeId.Value), attribute(id, AttributeId.DataType));
        return client.readAsync(0, TimestampsToReturn.Neither, wanted)
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .handle((response, fault) -> fault != null
                        ? done(DeviceOutcome.Kind.NOT_SENT, "the node cannot be read: " + ServerConnector.reason(fault))
                        : write(id, text, response))
                .thenCompose(outcome -> outcome);
    }

    private @Nullable NodeId parse(String node) {
        try {
            return ExpandedNodeId.parse(node)
                    .toNodeId(client.getNamespaceTable())
                    .orElse(null);
        } catch (UaRuntimeException | IllegalArgumentException e) {
            return null;
        }
    }

    private static ReadValueId attribute(NodeId id, AttributeId attribute) {
        return new ReadValueId(id, attribute.uid(), null, QualifiedName.NULL_VALUE);
    }

    private CompletableFuture<DeviceOutcome> write(NodeId id, String text, ReadResponse response) {
        DataValue[] results = response.getResults();
        if (results == null || results.length != 2) {
            return done(DeviceOutcome.Kind.FAILED, "the server told neither value nor type of the node");
        }
        StatusCode status = results[0].getStatusCode();
        if (status.getValue() == StatusCodes.Bad_NodeIdUnknown || status.getValue() == StatusCodes.Bad_NodeIdInvalid) {
            return done(DeviceOutcome.Kind.FAILED, "the server has no such node: " + status);
        }
        OpcUaDataType type = type(results[0], results[1]);
        if (type == null) {
            return done(DeviceOutcome.Kind.FAILED, "the node's type is none that can be written as a text");
        }
        Object value;
        try {
            value = value(text, type);
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            return done(
                    DeviceOutcome.Kind.FAILED, "value \"" + text + "\" is no " + type.name() + ", which the node has");
        }
        if (value == null) {
            return done(DeviceOutcome.Kind.FAILED, "a node of type " + type.name() + " cannot be written as a text");
        }
        return client.writeValuesAsync(List.of(id), List.of(DataValue.valueOnly(Variant.of(value))))
                .orTimeout(timeout.toMillis(), TimeUnit.MILLISECONDS)
                .handle((codes, fault) -> fault == null
                        ? written(codes, value)
                        : new DeviceOutcome(
                                DeviceOutcome.Kind.UNKNOWN,
                                "sent, and the server's answer did not come: " + ServerConnector.reason(fault)));
    }

    private static DeviceOutcome written(List<StatusCode> codes, Object value) {
        StatusCode code = codes.isEmpty() ? StatusCode.BAD : codes.get(0);
        return code.isBad()
                ? new DeviceOutcome(DeviceOutcome.Kind.FAILED, "the server refused it: " + code)
                : new DeviceOutcome(DeviceOutcome.Kind.DONE, "the server has taken " + value);
    }

    private static @Nullable OpcUaDataType type(DataValue value, DataValue dataType) {
        Variant variant = value.getValue();
        Object content = variant == null ? null : variant.getValue();
        if (content != null) {
            return OpcUaDataType.fromBackingClass(content.getClass());
        }
        Variant declared = dataType.getValue();
        return declared != null && declared.getValue() instanceof NodeId id ? OpcUaDataType.fromNodeId(id) : null;
    }

    /** @return null for a type without a text of its own */
    static @Nullable Object value(String text, OpcUaDataType type) {
        return switch (type) {
            case Boolean -> bool(text);
            case SByte -> Byte.valueOf(text);
            case Byte -> ubyte(Short.parseShort(text));
            case Int16 -> Short.valueOf(text);
            case UInt16 -> ushort(Integer.parseInt(text));
            case Int32 -> Integer.valueOf(text);
            case UInt32 -> uint(Long.parseLong(text));
            case Int64 -> Long.valueOf(text);
            case UInt64 -> ulong(text);
            case Float -> Float.valueOf(text);
            case Double -> Double.valueOf(text);
            case String -> text;
            case LocalizedText -> new LocalizedText(null, text);
            case DateTime -> new DateTime(Instant.parse(text));
            case Guid -> UUID.fromString(text);
            default -> null;
        };
    }

    private static Boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException(text);
        };
    }

    private static CompletableFuture<DeviceOutcome> done(DeviceOutcome.Kind kind, String detail) {
        return CompletableFuture.completedFuture(new DeviceOutcome(kind, detail));
    }
}
