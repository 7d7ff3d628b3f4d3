package io.tributary.agent.source.opcua;

import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.UUID;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UShort;
import org.jspecify.annotations.Nullable;

/**
 * Makes readings of values. The rules are those of README.md: which type becomes which, what an array becomes, what is
 * refused and by which cause. One thread.
 */
final class ValueReader {
    /** 1601-01-01 to 1970-01-01 in units of 100 ns. */
    private static final long EPOCH_TICKS = 116_444_736_000_000_000L;

    private static final long TICK_NS = 100;
    private static final long TICKS_MOST = Long.MAX_VALUE / TICK_NS;
    /** A unit of the picosecond fields is 10 ps. */
    private static final int PICO_UNITS_PER_NS = 100;

    private static final long SERVER_TIME_DIFFERS_NS = 1_000_000_000;

    private final OpcuaConfig.Arrays arrays;
    private final int arrayMost;
    private final OpcuaConfig.ServerTime serverTime;

    ValueReader(OpcuaConfig.Arrays arrays, int arrayMost, OpcuaConfig.ServerTime serverTime) {
        this.arrays = arrays;
        this.arrayMost = arrayMost;
        this.serverTime = serverTime;
    }

    /**
     * Adds the readings of one value.
     *
     * @return why it is none, a word for metrics; null when it was added
     */
    @Nullable
    String read(MonitoredNode node, DataValue value, BatchBuilder into) {
        int quality = quality(value.getStatusCode());
        long source = timeNs(value.getSourceTime(), value.getSourcePicoseconds());
        long server = timeNs(value.getServerTime(), value.getServerPicoseconds());
        long time = source != Table.STAMP_ON_ARRIVAL ? source : server;
        Variant variant = value.getValue();
        Object content = variant == null ? null : variant.getValue();
        into.row(node.device, time);
        String cause;
        if (content == null) {
            cause = quality == Quality.GOOD ? "no-value" : withoutValue(node, quality, into);
        } else if (content.getClass().isArray()) {
            cause = array(node, content, quality, into);
        } else {
            cause = scalar(node, content, quality, into);
        }
        if (cause == null && keepsServerTime(source, server)) {
            into.set(node.serverTime(), server, Quality.GOOD);
        }
        return cause;
    }

    private boolean keepsServerTime(long source, long server) {
        if (server == Table.STAMP_ON_ARRIVAL || source == Table.STAMP_ON_ARRIVAL) {
            return false;
        }
        return switch (serverTime) {
            case NEVER -> false;
            case ALWAYS -> true;
            case DIFFERS -> Math.abs(server - source) > SERVER_TIME_DIFFERS_NS;
        };
    }

    /** A sensor that fails tells a status and nothing else: not a number, or the last value, of that quality. */
    private static @Nullable String withoutValue(MonitoredNode node, int quality, BatchBuilder into) {
        Channel channel = node.lastChannel();
        if (channel == null) {
            return "no-value";
        }
        switch (channel.type()) {
            case DOUBLE -> into.set(channel, Double.NaN, quality);
            case LONG -> into.set(channel, node.lastBits(), quality);
            case BOOL -> into.set(channel, node.lastBits() != 0, quality);
            case STRING -> into.set(channel, node.lastText(), quality);
        }
        return null;
    }

    private @Nullable String array(MonitoredNode node, Object content, int quality, BatchBuilder into) {
        if (arrays == OpcuaConfig.Arrays.REFUSE) {
            return "array";
        }
        if (!(content instanceof Object[] elements)) {
            return content instanceof byte[] ? "bytes" : primitives(node, content, quality, into);
        }
        if (elements.length > arrayMost) {
            return "array-too-long";
        }
        String cause = null;
        for (int i = 0; i < elements.length; i++) {
            Object element = elements[i];
            String refused = element == null ? "no-value" : element(node, i, element, quality, into);
            cause = refused == null ? cause : refused;
        }
        return elements.length == 0 ? "no-value" : cause;
    }

    private @Nullable String primitives(MonitoredNode node, Object content, int quality, BatchBuilder into) {
        int length = java.lang.reflect.Array.getLength(content);
        if (length > arrayMost) {
            return "array-too-long";
        }
        String cause = length == 0 ? "no-value" : null;
        for (int i = 0; i < length; i++) {
            String refused = element(node, i, java.lang.reflect.Array.get(content, i), quality, into);
            cause = refused == null ? cause : refused;
        }
        return cause;
    }

    private static @Nullable String element(
            MonitoredNode node, int index, Object element, int quality, BatchBuilder into) {
        Object plain = plain(element);
        if (plain instanceof Double number) {
            into.set(node.element(index, ValueType.DOUBLE), number, quality);
        } else if (plain instanceof Long number) {
            into.set(node.element(index, ValueType.LONG), number, quality);
        } else if (plain instanceof Boolean bool) {
            into.set(node.element(index, ValueType.BOOL), bool, quality);
        } else if (plain instanceof String text) {
            into.set(node.element(index, ValueType.STRING), text, quality);
        } else {
            return refusal(element);
        }
        return null;
    }

    private static @Nullable String scalar(MonitoredNode node, Object content, int quality, BatchBuilder into) {
        Object plain = plain(content);
        if (plain instanceof Double number) {
            into.set(node.channel(ValueType.DOUBLE), number, quality);
        } else if (plain instanceof Long number) {
            into.set(node.channel(ValueType.LONG), number, quality);
            node.last(number, "");
        } else if (plain instanceof Boolean bool) {
            into.set(node.channel(ValueType.BOOL), bool, quality);
            node.last(bool ? 1 : 0, "");
        } else if (plain instanceof String text) {
            into.set(node.channel(ValueType.STRING), text, quality);
            node.last(0, text);
        } else {
            return refusal(content);
        }
        return null;
    }

    /** A double, long, boolean or text; null for what is none of them. */
    private static @Nullable Object plain(Object content) {
        if (content instanceof Double) {
            return content;
        } else if (content instanceof Float single) {
            // The shortest decimal that names this float: 0.1 stays 0.1, and takes fewer bytes.
            return Double.parseDouble(single.toString());
        } else if (content instanceof Integer
                || content instanceof Short
                || content instanceof Byte
                || content instanceof Long
                || content instanceof UByte
                || content instanceof UShort
                || content instanceof UInteger) {
            return ((Number) content).longValue();
        } else if (content instanceof ULong large) {
            return large.longValue() < 0 ? null : (Object) large.longValue();
        } else if (content instanceof Boolean) {
            return content;
        } else if (content instanceof DateTime time) {
            long ns = timeNs(time, null);
            return ns == Table.STAMP_ON_ARRIVAL ? null : (Object) ns;
        } else if (content instanceof StatusCode status) {
            return status.getValue();
        }
        return text(content);
    }

    private static @Nullable String text(Object content) {
        if (content instanceof String text) {
            return text;
        } else if (content instanceof LocalizedText localized) {
            return localized.getText();
        } else if (content instanceof UUID id) {
            return id.toString();
        } else if (content instanceof QualifiedName name) {
            return name.getName();
        } else if (content instanceof NodeId id) {
            return id.toParseableString();
        }
        return null;
    }

    private static String refusal(Object content) {
        String type = content.getClass().getSimpleName();
        return switch (type) {
            case "ULong" -> "integer-too-large";
            case "DateTime" -> "time-out-of-range";
            case "ByteString" -> "bytes";
            case "Matrix" -> "matrix";
            case "LocalizedText", "QualifiedName" -> "no-value";
            default -> type.contains("ExtensionObject") ? "structure" : "type";
        };
    }

    /** ns since the epoch, or {@link Table#STAMP_ON_ARRIVAL} when there is none or it is before 1970 or after 2262. */
    static long timeNs(@Nullable DateTime time, @Nullable UShort picoseconds) {
        if (time == null || time.getUtcTime() <= EPOCH_TICKS) {
            return Table.STAMP_ON_ARRIVAL;
        }
        long ticks = time.getUtcTime() - EPOCH_TICKS;
        if (ticks > TICKS_MOST - 1) {
            return Table.STAMP_ON_ARRIVAL;
        }
        int pico = picoseconds == null ? 0 : Math.min(9_999, picoseconds.intValue());
        return ticks * TICK_NS + pico / PICO_UNITS_PER_NS;
    }

    /** The severity always, the reason where the project has a code of its own for it. */
    static int quality(@Nullable StatusCode status) {
        if (status == null || status.isGood()) {
            return Quality.GOOD;
        }
        long code = status.getValue() & 0xFFFF0000L;
        if (status.isUncertain()) {
            return code == StatusCodes.Uncertain_EngineeringUnitsExceeded ? Quality.UNCERTAIN_RANGE : Quality.UNCERTAIN;
        }
        if (code == StatusCodes.Bad_SensorFailure || code == StatusCodes.Bad_DeviceFailure) {
            return Quality.BAD_SENSOR;
        }
        boolean communication = code == StatusCodes.Bad_NoCommunication
                || code == StatusCodes.Bad_NotConnected
                || code == StatusCodes.Bad_CommunicationError
                || code == StatusCodes.Bad_ConnectionClosed
                || code == StatusCodes.Bad_Timeout
                || code == StatusCodes.Bad_WaitingForInitialData;
        return communication ? Quality.BAD_COMMUNICATION : Quality.BAD;
    }
}
