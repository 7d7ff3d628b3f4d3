package io.tributary.agent.source.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.eclipse.milo.opcua.sdk.client.OpcUaClient;
import org.eclipse.milo.opcua.stack.core.AttributeId;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DataChangeTrigger;
import org.eclipse.milo.opcua.stack.core.types.enumerated.DeadbandType;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MonitoringMode;
import org.eclipse.milo.opcua.stack.core.types.enumerated.TimestampsToReturn;
import org.eclipse.milo.opcua.stack.core.types.structured.DataChangeFilter;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoredItemCreateResult;
import org.eclipse.milo.opcua.stack.core.types.structured.MonitoringParameters;
import org.eclipse.milo.opcua.stack.core.types.structured.ReadValueId;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The variables of a subscription; the handle that the server names one by is its place, counted from 1. Grows on the
 * source's connecting thread, read on its worker.
 */
final class MonitoredItems {
    private static final Logger LOG = LoggerFactory.getLogger(MonitoredItems.class);
    private static final int PER_CALL = 100;

    private final OpcuaConfig config;
    private volatile List<MonitoredNode> nodes;
    private List<Integer> refused = List.of();

    MonitoredItems(OpcuaConfig config, List<MonitoredNode> nodes) {
        this.config = config;
        this.nodes = List.copyOf(nodes);
    }

    /** Null for a handle that we never gave. */
    @Nullable
    MonitoredNode node(UInteger handle) {
        List<MonitoredNode> all = nodes;
        long index = handle.longValue() - 1;
        return index < 0 || index >= all.size() ? null : all.get((int) index);
    }

    int size() {
        return nodes.size();
    }

    /** Those that the server does not report. */
    int refusedCount() {
        return refused.size();
    }

    /** What the handles mean: the same text, the same meaning. */
    String meaning() {
        StringBuilder text = new StringBuilder();
        for (MonitoredNode node : nodes) {
            text.append(node.id.toParseableString())
                    .append('\t')
                    .append(node.device.id())
                    .append('\t')
                    .append(node.name)
                    .append('\t')
                    .append(sampling(node))
                    .append('\t')
                    .append(queue(node))
                    .append('\t')
                    .append(node.settings.deadband())
                    .append('\t')
                    .append(node.settings.deadbandPercent())
                    .append('\n');
        }
        return text.append(config.report()).toString();
    }

    /** Has the server report all. */
    void create(OpcUaClient client, UInteger subscription) throws UaException {
        create(client, subscription, IntStream.range(0, nodes.size()).boxed().toList());
    }

    /** Has the server report those that are not known here yet, and tries those again that it refused. */
    void add(OpcUaClient client, UInteger subscription, List<MonitoredNode> found) throws UaException {
        List<MonitoredNode> all = new ArrayList<>(nodes);
        List<Integer> wanted = new ArrayList<>(refused);
        for (MonitoredNode each : found) {
            if (all.stream().noneMatch(known -> known.id.equals(each.id))) {
                wanted.add(all.size());
                all.add(each);
            }
        }
        nodes = List.copyOf(all);
        create(client, subscription, wanted);
    }

    private void create(OpcUaClient client, UInteger subscription, List<Integer> indexes) throws UaException {
        List<Integer> failed = new ArrayList<>();
        List<Integer> unfiltered = new ArrayList<>();
        boolean first = refused.isEmpty();
        request(client, subscription, indexes, true, (index, status) -> {
            if (isFilterRefusal(status) && filter(node(index)) != null) {
                unfiltered.add(index);
            } else {
                failed.add(index);
                if (first) {
                    LOG.warn("source {}: {} is not reported: {}", config.name(), id(index), status);
                }
            }
        });
        request(client, subscription, unfiltered, false, (index, status) -> {
            failed.add(index);
            LOG.warn("source {}: {} is not reported: {}", config.name(), id(index), status);
        });
        for (int index : unfiltered) {
            LOG.warn(
                    "source {}: the server offers no such deadband or trigger for {}; every change of its value is"
                            + " reported",
                    config.name(),
                    id(index));
        }
        refused = List.copyOf(failed);
    }

    private interface Refusals {
        void refused(int index, StatusCode status);
    }

    private void request(
            OpcUaClient client, UInteger subscription, List<Integer> indexes, boolean filtered, Refusals refusals)
            throws UaException {
        for (int from = 0; from < indexes.size(); from += PER_CALL) {
            List<Integer> part = indexes.subList(from, Math.min(indexes.size(), from + PER_CALL));
            MonitoredItemCreateResult[] results = Objects.requireNonNull(client.createMonitoredItems(
                            subscription,
                            TimestampsToReturn.Both,
                            part.stream()
                                    .map(index -> request(client, index, filtered))
                                    .toList())
                    .getResults());
            for (int i = 0; i < part.size(); i++) {
                if (results[i].getStatusCode().isBad()) {
                    refusals.refused(part.get(i), results[i].getStatusCode());
                }
            }
        }
    }

    private MonitoredItemCreateRequest request(OpcUaClient client, int index, boolean filtered) {
        MonitoredNode node = node(index);
        DataChangeFilter filter = filtered ? filter(node) : null;
        return new MonitoredItemCreateRequest(
                new ReadValueId(node.id, AttributeId.Value.uid(), null, QualifiedName.NULL_VALUE),
                MonitoringMode.Reporting,
                new MonitoringParameters(
                        uint(index + 1),
                        (double) sampling(node),
                        filter == null ? null : ExtensionObject.encode(client.getStaticEncodingContext(), filter),
                        uint(queue(node)),
                        true));
    }

    private @Nullable DataChangeFilter filter(MonitoredNode node) {
        Double absolute = node.settings.deadband();
        Double percent = node.settings.deadbandPercent();
        boolean time = config.report() == OpcuaConfig.Report.TIME;
        if (absolute == null && percent == null && !time) {
            return null;
        }
        DeadbandType type =
                absolute != null ? DeadbandType.Absolute : percent != null ? DeadbandType.Percent : DeadbandType.None;
        return new DataChangeFilter(
                time ? DataChangeTrigger.StatusValueTimestamp : DataChangeTrigger.StatusValue,
                uint(type.getValue()),
                absolute != null ? absolute : percent != null ? percent : 0.0);
    }

    private static boolean isFilterRefusal(StatusCode status) {
        long code = status.getValue() & 0xFFFF0000L;
        return code == StatusCodes.Bad_FilterNotAllowed
                || code == StatusCodes.Bad_MonitoredItemFilterInvalid
                || code == StatusCodes.Bad_MonitoredItemFilterUnsupported
                || code == StatusCodes.Bad_DeadbandFilterInvalid;
    }

    private MonitoredNode node(int index) {
        return nodes.get(index);
    }

    private String id(int index) {
        return node(index).id.toParseableString();
    }

    private long sampling(MonitoredNode node) {
        return (node.settings.sampling() == null ? config.samplingInterval() : node.settings.sampling()).toMillis();
    }

    private int queue(MonitoredNode node) {
        return node.settings.queue() == null ? config.queue() : node.settings.queue();
    }
}
