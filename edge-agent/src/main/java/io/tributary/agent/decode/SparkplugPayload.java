package io.tributary.agent.decode;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the protobuf message {@code Payload} of Sparkplug B by hand: with generated classes a payload of 1 MiB could
 * become a hundred times that in memory before its first limit is looked at.
 *
 * <pre>
 * Payload   1 timestamp  2 metrics*  3 seq  4 uuid  5 body
 * Metric    1 name  2 alias  3 timestamp  4 datatype  5 is_historical  6 is_transient  7 is_null  8 metadata
 *           9 properties  10 int  11 long  12 float  13 double  14 boolean  15 string  16 bytes  17 dataset
 *           18 template  19 extension
 * Template  1 version  2 metrics*  3 parameters*  4 template_ref  5 is_definition
 * PropertySet  1 keys*  2 values*      PropertyValue  1 type  2 is_null  3 int  4 long  ...  8 string
 * </pre>
 */
final class SparkplugPayload {
    static final int NO_SEQUENCE = -1;
    private static final int TEMPLATES_MAX = 8;
    private static final int PROPERTIES_MAX = 256;
    private static final String COMPRESSED = "SPBV1.0_COMPRESSED";

    private final String unitProperty;
    private final List<SparkplugMetric> metrics = new ArrayList<>();
    private long timestampMillis = SparkplugMetric.NO_TIME;
    private int sequence = NO_SEQUENCE;
    private int count;

    private SparkplugPayload(String unitProperty) {
        this.unitProperty = unitProperty;
    }

    static SparkplugPayload parse(byte[] bytes, String unitProperty) throws MalformedException {
        SparkplugPayload payload = new SparkplugPayload(unitProperty);
        try {
            payload.read(CodedInputStream.newInstance(bytes));
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedException("not a Sparkplug payload: " + e.getMessage());
        } catch (IOException e) {
            throw new IllegalStateException("BUG: a byte array cannot fail", e);
        }
        return payload;
    }

    List<SparkplugMetric> metrics() {
        return metrics;
    }

    /** {@link SparkplugMetric#NO_TIME} when there is none. */
    long timestampMillis() {
        return timestampMillis;
    }

    /** 0 to 255, or {@link #NO_SEQUENCE}. */
    int sequence() {
        return sequence;
    }

    private void read(CodedInputStream in) throws IOException, MalformedException {
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> timestampMillis = varint(in, tag);
                case 2 -> metrics.add(metric(in, tag, 0));
                case 3 -> {
                    long seq = varint(in, tag);
                    if (seq < 0 || seq > 255) {
                        throw new MalformedException("sequence " + Long.toUnsignedString(seq) + ", expected 0 to 255");
                    }
                    sequence = (int) seq;
                }
                case 4 -> {
                    if (text(in, tag).equals(COMPRESSED)) {
                        throw new MalformedException("a compressed payload, expected a plain one");
                    }
                }
                default -> in.skipField(tag);
            }
        }
    }

    private SparkplugMetric metric(CodedInputStream in, int tag, int depth) throws IOException, MalformedException {
        if (++count > Readings.MAX) {
            throw new MalformedException("more than " + Readings.MAX + " metrics");
        }
        int limit = enter(in, tag);
        SparkplugMetric metric = new SparkplugMetric();
        for (int field = in.readTag(); field != 0; field = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(field)) {
                case 1 -> metric.name = text(in, field);
                case 2 -> metric.alias = varint(in, field) & Long.MAX_VALUE;
                case 3 -> metric.timestampMillis = varint(in, field);
                case 4 -> metric.datatype = (int) varint(in, field);
                case 6 -> metric.isTransient = varint(in, field) != 0;
                case 7 -> metric.isNull = varint(in, field) != 0;
                case 9 -> properties(in, field, metric);
                case 18 -> template(in, field, metric, depth);
                default -> value(in, field, metric);
            }
        }
        in.popLimit(limit);
        return metric;
    }

    private static void value(CodedInputStream in, int tag, SparkplugMetric metric)
            throws IOException, MalformedException {
        switch (WireFormat.getTagFieldNumber(tag)) {
            case 10, 11 -> set(metric, SparkplugMetric.Kind.INT, varint(in, tag));
            case 12 -> {
                expect(tag, WireFormat.WIRETYPE_FIXED32);
                set(metric, SparkplugMetric.Kind.FLOATING, Double.doubleToRawLongBits(in.readFloat()));
            }
            case 13 -> {
                expect(tag, WireFormat.WIRETYPE_FIXED64);
                set(metric, SparkplugMetric.Kind.FLOATING, in.readFixed64());
            }
            case 14 -> set(metric, SparkplugMetric.Kind.BOOL, varint(in, tag) != 0 ? 1 : 0);
            case 15 -> {
                metric.text = text(in, tag);
                set(metric, SparkplugMetric.Kind.TEXT, 0);
            }
            case 16 -> {
                expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
                metric.bytes = in.readBytes();
                set(metric, SparkplugMetric.Kind.BYTES, 0);
            }
            case 17, 19 -> {
                set(metric, SparkplugMetric.Kind.OTHER, 0);
                in.skipField(tag);
            }
            default -> in.skipField(tag);
        }
    }

    private static void set(SparkplugMetric metric, SparkplugMetric.Kind kind, long bits) {
        metric.kind = kind;
        metric.bits = bits;
    }

    private void template(CodedInputStream in, int tag, SparkplugMetric metric, int depth)
            throws IOException, MalformedException {
        if (depth == TEMPLATES_MAX) {
            throw new MalformedException("templates in templates, expected at most " + TEMPLATES_MAX + " deep");
        }
        int limit = enter(in, tag);
        List<SparkplugMetric> members = new ArrayList<>();
        for (int field = in.readTag(); field != 0; field = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(field)) {
                case 2 -> members.add(metric(in, field, depth + 1));
                case 5 -> metric.isDefinition = varint(in, field) != 0;
                default -> in.skipField(field);
            }
        }
        in.popLimit(limit);
        metric.members = members;
        set(metric, SparkplugMetric.Kind.TEMPLATE, 0);
    }

    /** Unit and quality; keys and values are lists beside each other, in any order. */
    private void properties(CodedInputStream in, int tag, SparkplugMetric metric)
            throws IOException, MalformedException {
        int limit = enter(in, tag);
        int keys = 0;
        int values = 0;
        int unitAt = -1;
        int qualityAt = -1;
        List<Object> found = new ArrayList<>();
        for (int field = in.readTag(); field != 0; field = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(field)) {
                case 1 -> {
                    String key = text(in, field);
                    unitAt = key.equals(unitProperty) ? keys : unitAt;
                    qualityAt = key.equals("Quality") ? keys : qualityAt;
                    keys++;
                }
                case 2 -> {
                    found.add(property(in, field));
                    values++;
                }
                default -> in.skipField(field);
            }
            if (keys > PROPERTIES_MAX || values > PROPERTIES_MAX) {
                throw new MalformedException("more than " + PROPERTIES_MAX + " properties of a metric");
            }
        }
        in.popLimit(limit);
        if (unitAt >= 0 && unitAt < values && found.get(unitAt) instanceof String unit) {
            metric.unit = unit;
        }
        if (qualityAt >= 0 && qualityAt < values && found.get(qualityAt) instanceof Long quality) {
            metric.quality = (int) Math.max(0, Math.min(quality, Integer.MAX_VALUE));
        }
    }

    /** A text, a whole number, or {@link #NO_SEQUENCE} as a sign that it is neither. */
    private static Object property(CodedInputStream in, int tag) throws IOException, MalformedException {
        int limit = enter(in, tag);
        Object value = NO_SEQUENCE;
        for (int field = in.readTag(); field != 0; field = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(field)) {
                case 3, 4 -> value = varint(in, field);
                case 8 -> value = text(in, field);
                default -> in.skipField(field);
            }
        }
        in.popLimit(limit);
        return value;
    }

    private static int enter(CodedInputStream in, int tag) throws IOException, MalformedException {
        expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return in.pushLimit(in.readRawVarint32());
    }

    private static long varint(CodedInputStream in, int tag) throws IOException, MalformedException {
        expect(tag, WireFormat.WIRETYPE_VARINT);
        return in.readRawVarint64();
    }

    private static String text(CodedInputStream in, int tag) throws IOException, MalformedException {
        expect(tag, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        return ValueTexts.string(in.readStringRequireUtf8());
    }

    private static void expect(int tag, int wireType) throws MalformedException {
        if (WireFormat.getTagWireType(tag) != wireType) {
            throw new MalformedException("not a Sparkplug payload: field " + WireFormat.getTagFieldNumber(tag)
                    + " has wire type " + WireFormat.getTagWireType(tag) + ", expected " + wireType);
        }
    }
}
