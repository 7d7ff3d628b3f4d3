package io.tributary.collector.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.agents.Account;
import io.tributary.collector.agents.AgentReader;
import io.tributary.collector.agents.AgentStatus;
import io.tributary.collector.agents.AgentSummary;
import io.tributary.collector.agents.ClockShift;
import io.tributary.collector.agents.DrainEstimate;
import io.tributary.collector.agents.EpochGaps;
import io.tributary.collector.agents.GapReport;
import io.tributary.collector.partition.Origin;
import io.tributary.collector.query.MemoryReadings;
import io.tributary.collector.query.MemoryReadings.Stored;
import io.tributary.collector.query.QueryEngine;
import io.tributary.collector.query.QueryLimits;
import io.tributary.collector.storage.DeadLetter;
import io.tributary.collector.storage.DeadLetterReader;
import io.tributary.model.SequenceRange;
import io.tributary.model.ValueType;
import io.tributary.proto.v1.AggregateRequest;
import io.tributary.proto.v1.AggregateSeries;
import io.tributary.proto.v1.Axis;
import io.tributary.proto.v1.DeviceDetail;
import io.tributary.proto.v1.DeviceSummary;
import io.tributary.proto.v1.GetDeviceRequest;
import io.tributary.proto.v1.GetGapsRequest;
import io.tributary.proto.v1.LatestReading;
import io.tributary.proto.v1.LatestRequest;
import io.tributary.proto.v1.ListAgentsRequest;
import io.tributary.proto.v1.ListDeadLettersRequest;
import io.tributary.proto.v1.ListDevicesRequest;
import io.tributary.proto.v1.Order;
import io.tributary.proto.v1.QueryGrpc;
import io.tributary.proto.v1.QueryGrpc.QueryBlockingStub;
import io.tributary.proto.v1.ReadRequest;
import io.tributary.proto.v1.ReadingBlock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class QueryServiceTest {
    private static final io.tributary.model.Channel TEMPERATURE =
            new io.tributary.model.Channel("temperature", ValueType.DOUBLE, "°C");
    private static final io.tributary.model.Channel STATE = io.tributary.model.Channel.of("state", ValueType.STRING);

    private final MemoryReadings store = new MemoryReadings(1000, true);
    private final QueryService queries = new QueryService(
            new QueryEngine(store, store, QueryLimits.DEFAULT, System::nanoTime, new PrometheusRegistry()),
            store,
            new OneAgent(),
            new OneLetter(),
            null);
    private final RpcServer server = LoopbackRpc.of(queries.service(), new PrometheusRegistry());
    private @Nullable ManagedChannel channel;

    @BeforeEach
    void start() throws IOException {
        server.start(1 << 20);
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port())
                .usePlaintext()
                .build();
    }

    @AfterEach
    void close() throws InterruptedException {
        if (channel != null) {
            channel.shutdownNow();
            channel.awaitTermination(10, TimeUnit.SECONDS);
        }
        server.close(100);
        queries.close();
    }

    private QueryBlockingStub query() {
        Channel open = channel;
        assertThat(open).isNotNull();
        return QueryGrpc.newBlockingStub(java.util.Objects.requireNonNull(open))
                .withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    private void fill(String device, int rows) {
        for (int i = 0; i < rows; i++) {
            store.add(new Stored(device, TEMPERATURE, i, i + 10, i + 20, i / 4.0, i % 100 == 7 ? 0x81 : 0));
        }
    }

    private static List<Double> doubles(List<ReadingBlock> blocks) {
        List<Double> values = new ArrayList<>();
        blocks.forEach(block -> values.addAll(block.getDoublesList()));
        return values;
    }

    private List<ReadingBlock> read(ReadRequest.Builder request) {
        List<ReadingBlock> blocks = new ArrayList<>();
        query().read(request.build()).forEachRemaining(blocks::add);
        return blocks;
    }

    @Test
    void read_streamsColumns_pageByPage() {
        fill("a", 10_000);
        fill("b", 3);
        List<ReadingBlock> all = read(ReadRequest.newBuilder().setDevice("a"));
        assertThat(all).hasSize(3);
        assertThat(doubles(all)).hasSize(10_000).isSorted();
        assertThat(all.get(0).getQuality(7)).isEqualTo(0x81);
        assertThat(all.get(0).getCollectorTimesNs(5)).isEqualTo(25);
        assertThat(all.get(2).getNext()).isEmpty();

        List<Double> paged = new ArrayList<>();
        String after = "";
        do {
            List<ReadingBlock> page = read(ReadRequest.newBuilder()
                    .setOrder(Order.DESCENDING)
                    .setAxis(Axis.COLLECTOR)
                    .setFromNs(20)
                    .setToNs(30)
                    .setLimit(4)
                    .setAfter(after));
            paged.addAll(doubles(page));
            after = page.get(page.size() - 1).getNext();
        } while (!after.isEmpty());
        assertThat(paged).containsExactly(2.25, 2.0, 1.75, 1.5, 1.25, 1.0, 0.75, 0.5, 0.25, 0.0, 0.5, 0.25, 0.0);
    }

    @Test
    void read_separatesSeries() {
        store.tags("a", Map.of("site", "x"));
        store.add("a", TEMPERATURE, 1, 1.5).add("a", STATE, 1, "on").add("a", TEMPERATURE, 2, 2.5);
        List<ReadingBlock> blocks = read(ReadRequest.newBuilder().putTags("site", "x"));
        assertThat(blocks).hasSize(2);
        assertThat(blocks.get(0).getStringsList()).containsExactly("on");
        assertThat(blocks.get(0).getQualityList()).isEmpty();
        assertThat(blocks.get(1).getChannel().getUnit()).isEqualTo("°C");
        assertThat(blocks.get(1).getEventTimesNsList()).containsExactly(1L, 2L);
        assertThat(read(ReadRequest.newBuilder().putTags("site", "y"))).isEmpty();
    }

    @Test
    void aggregate_answersLikeHttp() {
        fill("a", 8);
        store.add("a", STATE, 1, "on");
        Iterator<AggregateSeries> answer = query().aggregate(AggregateRequest.newBuilder()
                .setToNs(12)
                .setEveryNs(4)
                .addFunctions("count")
                .addFunctions("avg")
                .setFill("null")
                .build());
        AggregateSeries state = answer.next();
        assertThat(state.getChannel()).isEqualTo("state");
        assertThat(state.getColumns(0).getValuesList()).containsExactly(1.0, 0.0, 0.0);
        assertThat(state.getColumns(1).getNullsList()).containsExactly(0, 1, 2);
        AggregateSeries temperature = answer.next();
        assertThat(temperature.getGroupMap()).isEqualTo(Map.of("device", "a"));
        assertThat(temperature.getUnit()).isEqualTo("°C");
        assertThat(temperature.getWindowStartNsList()).containsExactly(0L, 4L, 8L);
        assertThat(temperature.getColumns(1).getFunction()).isEqualTo("avg");
        assertThat(temperature.getColumns(1).getValuesList()).containsExactly(0.375, 1.375, 0.0);
        assertThat(temperature.getColumns(1).getNullsList()).containsExactly(2);
        assertThat(answer.hasNext()).isFalse();
    }

    @Test
    void longSeries_comesInSeveralMessages() {
        fill("a", 10_000);
        List<Long> starts = new ArrayList<>();
        query().aggregate(AggregateRequest.newBuilder()
                        .setToNs(10_000)
                        .setEveryNs(1)
                        .setGroup("none")
                        .build())
                .forEachRemaining(part -> {
                    assertThat(part.getGroupMap()).isEmpty();
                    assertThat(part.getColumns(0).getValuesCount()).isEqualTo(part.getWindowStartNsCount());
                    starts.addAll(part.getWindowStartNsList());
                });
        assertThat(starts).hasSize(10_000).isSorted();
    }

    @Test
    void latest_devices_agents() {
        fill("a", 3);
        fill("b", 2);
        List<LatestReading> latest = new ArrayList<>();
        query().latest(LatestRequest.newBuilder().setDevice("*").build()).forEachRemaining(latest::add);
        assertThat(latest).extracting(LatestReading::getDoubleValue).containsExactly(0.5, 0.25);
        List<String> devices = new ArrayList<>();
        query().listDevices(ListDevicesRequest.newBuilder().setLimit(1).build())
                .forEachRemaining(device -> devices.add(device.getId()));
        query().listDevices(ListDevicesRequest.newBuilder().setAfter("a").build())
                .forEachRemaining((DeviceSummary device) -> devices.add(device.getId()));
        assertThat(devices).containsExactly("a", "b");
        DeviceDetail detail =
                query().getDevice(GetDeviceRequest.newBuilder().setId("a").build());
        assertThat(detail.getChannels(0).getLastEventTimeNs()).isEqualTo(2);
        assertThat(query().listAgents(ListAgentsRequest.getDefaultInstance())
                        .next()
                        .getStored())
                .isEqualTo(80);
    }

    @Test
    void refusals_sayWhy() {
        assertThatThrownBy(() -> query().getDevice(
                                GetDeviceRequest.newBuilder().setId("zzz").build()))
                .hasMessage("NOT_FOUND: device \"zzz\" is unknown, expected one that has sent a reading");
        assertThatThrownBy(() -> read(ReadRequest.newBuilder().setFromNs(5).setToNs(5)))
                .hasMessageStartingWith("INVALID_ARGUMENT: the range is empty");
        assertThatThrownBy(() -> read(ReadRequest.newBuilder().setAfter("x")))
                .hasMessageStartingWith("INVALID_ARGUMENT: next is \"x\"");
        assertThatThrownBy(() -> aggregate(AggregateRequest.newBuilder().addFunctions("mean")))
                .hasMessageStartingWith("INVALID_ARGUMENT: function is \"mean\", expected one of count");
        assertThatThrownBy(() -> aggregate(AggregateRequest.newBuilder().setGroup("site")))
                .hasMessageStartingWith("INVALID_ARGUMENT: group is \"site\", expected device, tag:NAME or none");
        assertThatThrownBy(() -> aggregate(
                        AggregateRequest.newBuilder().setToNs(1L << 50).setEveryNs(1)))
                .hasMessageStartingWith("RESOURCE_EXHAUSTED: from to to at every=1ns are");
    }

    private void aggregate(AggregateRequest.Builder request) {
        query().aggregate(request.build()).forEachRemaining(series -> {});
    }

    @Test
    void clientThatCancels_endsTheQuery() {
        fill("a", 200_000);
        Iterator<ReadingBlock> answer = query().read(ReadRequest.getDefaultInstance());
        answer.next();
        java.util.Objects.requireNonNull(channel).shutdownNow();
        await().until(() -> store.openCursors == 0);
    }

    @Test
    void agents_tellWhatTheySaidOfThemselves() {
        io.tributary.proto.v1.AgentSummary agent =
                query().listAgents(ListAgentsRequest.getDefaultInstance()).next();
        assertThat(agent.getConnectedSinceNs()).isEqualTo(1);
        assertThat(agent.getReport().getOldestAgeNs()).isEqualTo(40);
        assertThat(agent.getReport().getOldestEventNs()).isEqualTo(40);
        assertThat(agent.getReport().getClockSynchronized()).isTrue();
        assertThat(agent.getReport().getClockOffsetNs()).isEqualTo(-3);
        assertThat(agent.getReport().getClockErrorNs()).isEqualTo(4);
        assertThat(agent.getReport().getFlashBytesWritten()).isEqualTo(12_345);
        assertThat(agent.getReport().getRefusedMap()).isEqualTo(Map.of("full", 6L));
        assertThat(agent.getDrain().getReadingsPerSecond()).isEqualTo(20);
        assertThat(agent.getDrain().getSeconds()).isEqualTo(0.5);
        assertThat(agent.getClockCorrections(0).getRange().getFirst()).isEqualTo(7);
        assertThat(agent.getClockCorrections(0).getShiftNs()).isEqualTo(1000);
    }

    @Test
    void gaps_areRangesOfEveryEpoch() {
        io.tributary.proto.v1.GapReport report =
                query().getGaps(GetGapsRequest.newBuilder().setAgent("edge-1").build());
        assertThat(report.getAgentQueuedReadings()).isEqualTo(10);
        io.tributary.proto.v1.EpochGaps epoch = report.getEpochs(0);
        assertThat(epoch.getEpoch()).isEqualTo(3);
        assertThat(epoch.getCurrent()).isTrue();
        assertThat(epoch.getReceived(0).getCount()).isEqualTo(70);
        assertThat(epoch.getEvicted(0).getCause()).isEqualTo("age");
        assertThat(epoch.getEvicted(0).getRange().getFirst()).isEqualTo(70);
        assertThat(epoch.getMissing(0).getFirst()).isEqualTo(74);
        assertThat(epoch.getQueued(0).getFirst()).isEqualTo(80);
        assertThatThrownBy(() -> query().getGaps(
                                GetGapsRequest.newBuilder().setAgent("nobody").build()))
                .hasMessageContaining("NOT_FOUND")
                .hasMessageContaining("nobody");
    }

    @Test
    void deadLetters_areListed() {
        List<io.tributary.proto.v1.DeadLetter> letters = new ArrayList<>();
        query().listDeadLetters(ListDeadLettersRequest.newBuilder()
                        .setCause("future-event-time")
                        .build())
                .forEachRemaining(letters::add);
        assertThat(letters).hasSize(1);
        assertThat(letters.get(0).getAgent()).isEqualTo("edge-1");
        assertThat(letters.get(0).getRange().getFirst()).isEqualTo(5);
        assertThat(letters.get(0).getPayload().toByteArray()).containsExactly(1, 2);
        assertThat(query().listDeadLetters(
                                ListDeadLettersRequest.newBuilder().setFromId(1).build())
                        .hasNext())
                .isFalse();
        assertThatThrownBy(() -> query().listDeadLetters(ListDeadLettersRequest.newBuilder()
                                .setLimit(1001)
                                .build())
                        .hasNext())
                .hasMessageContaining("limit 1001, expected at most 1000");
    }

    private static final class OneAgent implements AgentReader {
        @Override
        public List<AgentSummary> agents() {
            Account account = new Account(100, 90, 80, 3, 1, 6, 0, Map.of(), Map.of(), 2);
            return List.of(new AgentSummary(
                    "edge-1",
                    true,
                    "10.0.0.7:1",
                    "0.1.0",
                    List.of(),
                    List.of(),
                    1,
                    2,
                    1,
                    new AgentStatus(5, 101, 10, 700, 40, 50, true, -3, 4, 12_345, Map.of("full", 6L), 90, null),
                    new DrainEstimate(20, 0.5),
                    account,
                    List.of(new ClockShift(1, new SequenceRange(7, 2), 1000, 5, 60))));
        }

        @Override
        public @Nullable AgentSummary agent(String id) {
            return null;
        }

        @Override
        public @Nullable GapReport gaps(String id) {
            return id.equals("edge-1")
                    ? new GapReport(id, List.of(GAPS), 10, new Account(100, 90, 80, 3, 1, 6, 0, Map.of(), Map.of(), 2))
                    : null;
        }
    }

    private static final EpochGaps GAPS = new EpochGaps(
            3,
            true,
            100,
            80,
            List.of(new SequenceRange(0, 70)),
            List.of(new EpochGaps.EvictedRange(new SequenceRange(70, 4), "age")),
            List.of(new SequenceRange(80, 20)),
            List.of(new SequenceRange(74, 6)),
            new Account(100, 90, 80, 3, 1, 6, 0, Map.of(), Map.of(), 2));

    private static final class OneLetter implements DeadLetterReader {
        @Override
        public List<DeadLetter> list(@Nullable String cause, int limit, long after) {
            assertThat(limit).isEqualTo(100);
            boolean wanted = (cause == null || cause.equals("future-event-time")) && after < 0;
            return wanted
                    ? List.of(new DeadLetter(
                            0,
                            77,
                            "future-event-time",
                            "a year ahead",
                            new Origin("edge-1", 3),
                            new SequenceRange(5, 2),
                            2,
                            new byte[] {1, 2}))
                    : List.of();
        }

        @Override
        public @Nullable DeadLetter get(long id) {
            return null;
        }

        @Override
        public Map<String, Long> countByCause() {
            return Map.of();
        }

        @Override
        public boolean remove(long id) {
            return false;
        }
    }
}
