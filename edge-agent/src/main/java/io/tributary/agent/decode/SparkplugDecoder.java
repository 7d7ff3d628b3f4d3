package io.tributary.agent.decode;

import io.tributary.agent.decode.SparkplugNodes.Birth;
import io.tributary.agent.decode.SparkplugNodes.Definition;
import io.tributary.agent.decode.SparkplugNodes.Node;
import io.tributary.model.Batch;
import io.tributary.model.Channel;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Sparkplug B. Keeps what births say, as the messages that follow name metrics by numbers only; one message at a time,
 * whatever the threads.
 *
 * <pre>
 * NBIRTH, DBIRTH   names, aliases, types, units, values     kept; readings
 * NDATA, DDATA     aliases or names, values                 readings; with something unknown in it: malformed as a whole,
 *                                                           and the node is asked for a rebirth
 * NDEATH, DDEATH                                            forgotten; channel "online" becomes false
 * NCMD, DCMD, STATE                                         of hosts: no readings
 * </pre>
 */
final class SparkplugDecoder implements Decoder {
    /** Births of large plants; above what brokers let through by default. */
    private static final int PAYLOAD_BYTES_MAX = 4 << 20;

    private static final int DATATYPE_TEMPLATE = 19;
    private static final String BIRTH_SEQUENCE = "bdSeq";
    private static final long MILLIS_MAX = Long.MAX_VALUE / 1_000_000;

    private final SparkplugConfig config;
    private final DecoderContext context;
    private final Object lock = new Object();
    // Guarded by lock.
    private final SparkplugNodes nodes;
    private long told;

    SparkplugDecoder(SparkplugConfig config, DecoderContext context) {
        this.config = config;
        this.context = context;
        this.nodes = new SparkplugNodes(config.stateBytesMax().bytes());
    }

    @Override
    public Batch decode(Message message) throws MalformedException {
        SparkplugTopic topic = SparkplugTopic.parse(message.address());
        if (topic.type() == SparkplugTopic.Type.OTHER) {
            skipped("host-message");
            return new Readings(message.names()).build();
        }
        if (message.payload().length > PAYLOAD_BYTES_MAX) {
            throw new MalformedException(
                    "a payload of " + message.payload().length + " bytes, expected at most " + PAYLOAD_BYTES_MAX);
        }
        SparkplugPayload payload = SparkplugPayload.parse(message.payload(), config.unitProperty());
        Readings readings = new Readings(message.names());
        try {
            synchronized (lock) {
                Node node = nodes.node(topic);
                switch (topic.type()) {
                    case NBIRTH, DBIRTH -> born(topic, node, payload, readings);
                    case NDEATH, DDEATH -> died(topic, node, payload, readings);
                    default -> data(topic, node, payload, readings);
                }
                tell();
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
        return readings.build();
    }

    // ---- births ----

    private void born(SparkplugTopic topic, Node node, SparkplugPayload payload, Readings readings)
            throws MalformedException {
        boolean ofNode = topic.type() == SparkplugTopic.Type.NBIRTH;
        Birth birth = new Birth();
        for (SparkplugMetric metric : payload.metrics()) {
            define(birth, metric.name, metric);
        }
        if (ofNode) {
            nodes.died(node);
            node.birthSequence = birthSequence(payload);
            node.lastSequence = payload.sequence();
        } else {
            checkSequence(topic, node, payload);
        }
        nodes.born(node, topic.device(), birth);
        if (!ofNode && node.birth("") == null) {
            askForRebirth(topic, node, "device " + topic.device() + " is born before its node");
        }
        online(topic, topic.device(), true, ns(payload.timestampMillis()), readings);
        try {
            readings(topic, birth, payload, readings);
        } catch (UnknownMetric e) {
            throw new MalformedException("a birth in which " + e.what);
        }
    }

    private static void define(Birth birth, String name, SparkplugMetric metric) throws MalformedException {
        if (name.isEmpty()) {
            throw new MalformedException("a birth with a metric without name");
        }
        birth.define(metric.alias, new Definition(name, metric.datatype, metric.unit == null ? "" : metric.unit));
        for (SparkplugMetric member : metric.members) {
            define(birth, name + "/" + member.name, member);
        }
    }

    private static long birthSequence(SparkplugPayload payload) {
        for (SparkplugMetric metric : payload.metrics()) {
            if (metric.name.equals(BIRTH_SEQUENCE) && metric.kind == SparkplugMetric.Kind.INT) {
                return metric.bits;
            }
        }
        return -1;
    }

    // ---- deaths ----

    private void died(SparkplugTopic topic, Node node, SparkplugPayload payload, Readings readings)
            throws MalformedException {
        if (topic.type() == SparkplugTopic.Type.DDEATH) {
            checkSequence(topic, node, payload);
            nodes.died(node, topic.device());
            online(topic, topic.device(), false, ns(payload.timestampMillis()), readings);
            return;
        }
        long sequence = birthSequence(payload);
        if (sequence >= 0 && node.birthSequence >= 0 && sequence != node.birthSequence) {
            skipped("stale-death"); // the will of a session before the last birth
            return;
        }
        // A will is written when the session begins: its time stamp says nothing about the death.
        for (String device : new TreeSet<>(node.devices())) {
            online(topic, device, false, Table.STAMP_ON_ARRIVAL, readings);
        }
        if (node.birth("") == null) {
            online(topic, "", false, Table.STAMP_ON_ARRIVAL, readings);
        }
        nodes.died(node);
    }

    private void online(SparkplugTopic topic, String device, boolean online, long timeNs, Readings readings)
            throws MalformedException {
        if (!config.online().isEmpty()) {
            row(topic, device, timeNs, readings);
            readings.add(Channel.of(config.online(), ValueType.BOOL), online, Quality.GOOD);
        }
    }

    // ---- data ----

    private void data(SparkplugTopic topic, Node node, SparkplugPayload payload, Readings readings)
            throws MalformedException {
        checkSequence(topic, node, payload);
        Birth birth = node.birth(topic.device());
        try {
            readings(topic, birth == null ? new Birth() : birth, payload, readings);
        } catch (UnknownMetric e) {
            String what = birth == null ? "no birth of it is known" : e.what;
            boolean asked = askForRebirth(topic, node, what);
            throw new MalformedException(topic.node() + (topic.device().isEmpty() ? "" : "/" + topic.device()) + ": "
                    + what + (asked ? ", asked for a rebirth" : ", a rebirth is asked for already"));
        }
        if (birth == null) {
            askForRebirth(topic, node, "no birth of it is known");
        }
    }

    /** A metric that only its birth explains. */
    private static final class UnknownMetric extends Exception {
        private static final long serialVersionUID = 1L;
        private final String what;

        UnknownMetric(String what) {
            super(what, null, false, false);
            this.what = what;
        }
    }

    private void readings(SparkplugTopic topic, Birth birth, SparkplugPayload payload, Readings readings)
            throws MalformedException, UnknownMetric {
        for (SparkplugMetric metric : payload.metrics()) {
            Definition known = metric.alias == SparkplugMetric.NO_ALIAS ? null : birth.byAlias(metric.alias);
            if (known == null && !metric.name.isEmpty()) {
                known = birth.byName(metric.name);
            }
            if (known == null && (metric.name.isEmpty() || metric.datatype == 0)) {
                throw new UnknownMetric(
                        metric.name.isEmpty()
                                ? "alias " + metric.alias + " is unknown"
                                : "metric \"" + ValueTexts.shown(metric.name) + "\" is unknown, and gives no type");
            }
            long time = metric.timestampMillis == SparkplugMetric.NO_TIME
                    ? payload.timestampMillis()
                    : metric.timestampMillis;
            row(topic, topic.device(), ns(time), readings);
            add(birth, known == null ? metric.name : known.name(), known, metric, readings);
        }
    }

    private void add(Birth birth, String name, @Nullable Definition known, SparkplugMetric metric, Readings readings)
            throws MalformedException, UnknownMetric {
        int datatype = metric.datatype != 0 || known == null ? metric.datatype : known.datatype();
        String unit = metric.unit != null || known == null ? (metric.unit == null ? "" : metric.unit) : known.unit();
        int quality = SparkplugValues.quality(metric.quality);
        if (isControl(name)) {
            skipped("control-metric");
        } else if (metric.isTransient) {
            skipped("transient");
        } else if (datatype == DATATYPE_TEMPLATE || metric.kind == SparkplugMetric.Kind.TEMPLATE) {
            template(birth, name, metric, readings);
        } else if (metric.isNull || metric.kind == SparkplugMetric.Kind.NONE) {
            if (SparkplugValues.isFloating(datatype)) {
                readings.add(new Channel(name, ValueType.DOUBLE, unit), Double.NaN, Quality.BAD);
            } else {
                skipped("null"); // other types have no value that says there is none
            }
        } else if (!SparkplugValues.add(readings, name, unit, datatype, metric, quality)) {
            skipped("unsupported-type");
        }
    }

    private void template(Birth birth, String name, SparkplugMetric metric, Readings readings)
            throws MalformedException, UnknownMetric {
        if (metric.isDefinition) {
            skipped("template-definition");
            return;
        }
        for (SparkplugMetric member : metric.members) {
            if (member.name.isEmpty()) {
                throw new MalformedException("template \"" + ValueTexts.shown(name) + "\" has a member without name");
            }
            String whole = name + "/" + member.name;
            Definition known = birth.byName(whole);
            if (known == null && member.datatype == 0 && member.kind != SparkplugMetric.Kind.TEMPLATE) {
                throw new UnknownMetric("metric \"" + ValueTexts.shown(whole) + "\" is unknown, and gives no type");
            }
            add(birth, whole, known, member, readings);
        }
    }

    private static boolean isControl(String name) {
        return name.equals(BIRTH_SEQUENCE) || name.startsWith("Node Control/") || name.startsWith("Device Control/");
    }

    // ---- state ----

    private void row(SparkplugTopic topic, String device, long timeNs, Readings readings) throws MalformedException {
        readings.row(config.deviceId(topic, device), tags(topic), timeNs);
    }

    private static Map<String, String> tags(SparkplugTopic topic) {
        return Map.of("group", topic.group(), "edge-node", topic.node());
    }

    private static long ns(long millis) throws MalformedException {
        if (millis == SparkplugMetric.NO_TIME) {
            return Table.STAMP_ON_ARRIVAL;
        }
        if (millis < 0 || millis > MILLIS_MAX) {
            throw new MalformedException(
                    "time stamp " + Long.toUnsignedString(millis) + " ms is beyond the years 1677 to 2262");
        }
        return millis * 1_000_000;
    }

    /** The same one again is a message that was delivered twice. */
    private void checkSequence(SparkplugTopic topic, Node node, SparkplugPayload payload) {
        int last = node.lastSequence;
        int next = payload.sequence();
        if (next == SparkplugPayload.NO_SEQUENCE) {
            return;
        }
        node.lastSequence = next;
        if (last != SparkplugPayload.NO_SEQUENCE && next != last && next != (last + 1 & 0xff)) {
            context.metrics().sequenceGaps.labelValues(context.source()).inc();
            askForRebirth(topic, node, "sequence " + next + " after " + last);
        }
    }

    /** @return false when it was asked a short time ago */
    private boolean askForRebirth(SparkplugTopic topic, Node node, String reason) {
        long now = context.clock().monotonicNs();
        if (node.askedNs != null
                && now - node.askedNs < config.rebirthInterval().toNanos()) {
            return false;
        }
        node.askedNs = now;
        context.metrics().rebirths.labelValues(context.source()).inc();
        context.rebirth().rebirthNeeded(topic.group(), topic.node(), reason);
        return true;
    }

    private void skipped(String cause) {
        context.metrics().skipped.labelValues(context.source(), cause).inc();
    }

    private void tell() {
        context.metrics().stateBytes.labelValues(context.source()).set((double) nodes.bytes());
        if (nodes.forgotten() > told) {
            context.metrics().forgottenNodes.labelValues(context.source()).inc(nodes.forgotten() - told);
            told = nodes.forgotten();
        }
    }
}
