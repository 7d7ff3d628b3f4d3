package io.tributary.agent.source.mqttlistener;

import static io.tributary.agent.source.mqttlistener.Packets.DISCONNECT;
import static io.tributary.agent.source.mqttlistener.Packets.PINGREQ;
import static io.tributary.agent.source.mqttlistener.Packets.connect3;
import static io.tributary.agent.source.mqttlistener.Packets.packet;
import static io.tributary.agent.source.mqttlistener.Packets.properties;
import static io.tributary.agent.source.mqttlistener.Packets.pubRel;
import static io.tributary.agent.source.mqttlistener.Packets.publish3;
import static io.tributary.agent.source.mqttlistener.Packets.publish5;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.MessageFeeds;
import io.tributary.agent.source.NumberDecoder;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.SourceGuard;
import io.tributary.model.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Damaged conversations, seeded, cut into pieces at random: whatever comes, the answers are packets, nothing is kept of a
 * connection that is gone, and no fault of ours shows.
 */
final class HostileClientTest {
    private static final Logger LOG = Logger.getLogger(Connection.class.getName());
    private static final int ROUNDS = 4_000;

    private final List<LogRecord> faults = new ArrayList<>();
    private final Handler watch = new Handler() {
        @Override
        public void publish(LogRecord line) {
            if (line.getLevel().intValue() >= Level.WARNING.intValue()) {
                faults.add(line);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @BeforeEach
    void listen() {
        LOG.addHandler(watch);
    }

    @AfterEach
    void leave() {
        LOG.removeHandler(watch);
    }

    /** Takes everything at once. */
    private static final class OpenIntake implements Intake {
        @Override
        public void take(String source, Batch batch, Durability durability, Receipt receipt) {
            receipt.taken();
        }

        @Override
        public void deadLetter(String source, String cause, String detail, byte[] payload, Receipt receipt) {
            receipt.taken();
        }
    }

    private static List<byte[]> conversation(boolean version5) {
        byte[] alias = properties(0x23, (short) 2, 0x26, "a", "b", 0x01, 1, 0x03, "text", 0x08, "back", 0x09, "id");
        List<byte[]> old = List.of(
                connect3("d", false, 60),
                publish3(0, 0, "in/d/c", "1"),
                publish3(1, 1, "in/d/c", "2"),
                publish3(2, 2, "in/d/c", "3"),
                pubRel(2),
                packet(0x82, (short) 3, "tributary/commands/d/#", 1, "in/#", 2),
                packet(0xa2, (short) 4, "tributary/commands/d/#"),
                packet(0x40, (short) 1),
                PINGREQ,
                DISCONNECT);
        List<byte[]> five = List.of(
                packet(
                        0x10,
                        "MQTT",
                        5,
                        0xc6,
                        (short) 9,
                        properties(0x11, new byte[] {0, 0, 1, 0}, 0x21, (short) 3, 0x27, new byte[] {0, 1, 0, 0}),
                        "d",
                        properties(0x18, new byte[4], 0x02, new byte[4]),
                        "will",
                        "gone",
                        "user",
                        "password"),
                publish5(0, 0, "in/d/c", "1", alias),
                publish5(1, 1, "", "2", properties(0x23, (short) 2)),
                publish5(2, 2, "in/d/c", "3"),
                packet(0x62, (short) 2, 0, 0),
                packet(0x82, (short) 3, properties(0x0b, 9), "tributary/commands/d/#", 0x2d, "$share/g/a", 2),
                packet(0xa2, (short) 4, 0, "tributary/commands/d/#"),
                packet(0x40, (short) 1, 0x83, properties(0x1f, "because")),
                PINGREQ,
                packet(0xe0, 0, properties(0x11, new byte[4])));
        return version5 ? five : old;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void damagedConversations_areAnsweredOrEnded_andLeaveNothing(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        UnpooledByteBufAllocator buffers = new UnpooledByteBufAllocator(false);
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = damaged(random, conversation(random.nextBoolean()));
            talk(random, buffers, bytes);
            assertThat(faults)
                    .as(
                            "seed %s, round %s: %s",
                            seed, round, java.util.HexFormat.of().formatHex(bytes))
                    .isEmpty();
        }
        assertThat(buffers.metric().usedHeapMemory()).isZero();
        assertThat(buffers.metric().usedDirectMemory()).isZero();
    }

    private static byte[] damaged(SplittableRandom random, List<byte[]> packets) {
        List<byte[]> parts = new ArrayList<>();
        for (byte[] each : packets) {
            byte[] packet = each.clone();
            switch (random.nextInt(12)) {
                case 0 -> packet[random.nextInt(packet.length)] = (byte) random.nextInt(256);
                case 1 -> packet = Arrays.copyOf(packet, random.nextInt(packet.length + 1));
                case 2 -> packet = packets.get(random.nextInt(packets.size()));
                case 3 -> packet[packet.length > 2 ? 1 + random.nextInt(2) : 0] ^= (byte) (1 << random.nextInt(8));
                default -> {
                    // As it is.
                }
            }
            parts.add(packet);
        }
        return Packets.bytes(parts.toArray());
    }

    private static void talk(SplittableRandom random, UnpooledByteBufAllocator buffers, byte[] bytes) {
        MqttListenerOptions options = Listeners.options();
        MqttListenerMetrics metrics = new MqttListenerMetrics(new PrometheusRegistry());
        ManualClock clock = new ManualClock();
        EmbeddedChannel channel = new EmbeddedChannel();
        channel.config().setAllocator(buffers);
        Admission admission = new Admission(options, 0);
        DeliveryLimits deliveries = new DeliveryLimits(8, 1 << 20);
        ListenerContext context = new ListenerContext(
                options,
                metrics,
                new MessageCounts(metrics, options.name()),
                Authenticator.NOBODY_IS_ASKED,
                NumberDecoder.reader(),
                new ArrivalStamps(clock),
                new MessageFeeds("test", Durability.SYNCED, new OpenIntake(), channel.eventLoop(), 1 << 20),
                new Sessions(10, deliveries),
                deliveries,
                admission,
                SourceGuard.NONE,
                clock);
        PacketGuard guard = new PacketGuard(options.packetBytesMax(), options.topicBytesMax());
        Connection connection = new Connection(context, guard);
        assertThat(admission.enter(connection, 0)).isNull();
        MqttListenerSource.addHandlers(channel.pipeline(), options, metrics, guard, connection);
        int at = 0;
        while (at < bytes.length && channel.isOpen()) {
            int end = at + random.nextInt(1, bytes.length - at + 1);
            channel.writeInbound(buffers.buffer(end - at).writeBytes(bytes, at, end - at));
            channel.runPendingTasks();
            at = end;
        }
        assertPackets(channel);
        channel.finishAndReleaseAll();
    }

    /** Whole packets, of the kinds that servers send. */
    private static void assertPackets(EmbeddedChannel from) {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf out = from.readOutbound(); out != null; out = from.readOutbound()) {
            all.writeBytes(out);
            out.release();
        }
        while (all.isReadable()) {
            int first = all.readUnsignedByte();
            assertThat(first).isIn(0x20, 0x40, 0x50, 0x62, 0x70, 0x90, 0xb0, 0xd0, 0xe0);
            int length = all.readUnsignedByte();
            if (length > 0x7f) {
                length = (length & 0x7f) | all.readUnsignedByte() << 7;
            }
            assertThat(all.readableBytes()).isGreaterThanOrEqualTo(length);
            all.skipBytes(length);
        }
    }
}
