package io.tributary.sim.link;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.mqtt.MqttConnectMessage;
import io.netty.handler.codec.mqtt.MqttConnectReturnCode;
import io.netty.handler.codec.mqtt.MqttDecoder;
import io.netty.handler.codec.mqtt.MqttEncoder;
import io.netty.handler.codec.mqtt.MqttFixedHeader;
import io.netty.handler.codec.mqtt.MqttMessage;
import io.netty.handler.codec.mqtt.MqttMessageBuilders;
import io.netty.handler.codec.mqtt.MqttMessageIdVariableHeader;
import io.netty.handler.codec.mqtt.MqttMessageType;
import io.netty.handler.codec.mqtt.MqttPublishMessage;
import io.netty.handler.codec.mqtt.MqttQoS;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Keeps what it acknowledges, and drops connections by chance: before it keeps a message, or before it says so. */
final class FakeMqttServer implements AutoCloseable {
    /** MQTT 5: less than the clients' window. */
    static final int RECEIVE_MAXIMUM = 5;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Channel listener;
    private final List<String> kept = new ArrayList<>();
    private final SplittableRandom random;
    private final double drops;
    private int unansweredMost;

    FakeMqttServer(long seed, double drops) throws InterruptedException {
        this.random = new SplittableRandom(seed);
        this.drops = drops;
        listener = new ServerBootstrap()
                .group(group)
                .channel(NioServerSocketChannel.class)
                .childHandler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel made) {
                        made.pipeline().addLast(MqttEncoder.INSTANCE, new MqttDecoder(), new Session());
                    }
                })
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sync()
                .channel();
    }

    int port() {
        return ((InetSocketAddress) listener.localAddress()).getPort();
    }

    synchronized List<String> kept() {
        return List.copyOf(kept);
    }

    synchronized int unansweredMost() {
        return unansweredMost;
    }

    private final class Session extends SimpleChannelInboundHandler<MqttMessage> {
        private int mine;

        @Override
        protected void channelRead0(ChannelHandlerContext context, MqttMessage message) {
            switch (message.fixedHeader().messageType()) {
                case CONNECT -> connect(context, (MqttConnectMessage) message);
                case PUBLISH -> publish(context, (MqttPublishMessage) message);
                case PUBREL -> reply(context, MqttMessageType.PUBCOMP, message);
                case DISCONNECT -> context.close();
                default -> {
                    // Pings come in minutes.
                }
            }
        }

        private void connect(ChannelHandlerContext context, MqttConnectMessage connect) {
            var answer = MqttMessageBuilders.connAck().returnCode(MqttConnectReturnCode.CONNECTION_ACCEPTED);
            if (connect.variableHeader().version() == 5) {
                answer.properties(properties -> properties.receiveMaximum(RECEIVE_MAXIMUM));
            }
            context.writeAndFlush(answer.build());
        }

        private void publish(ChannelHandlerContext context, MqttPublishMessage publish) {
            synchronized (FakeMqttServer.this) {
                unansweredMost = Math.max(unansweredMost, ++mine);
                if (random.nextDouble() < drops) {
                    context.close();
                    return;
                }
                kept.add(publish.variableHeader().topicName() + " "
                        + publish.payload().toString(StandardCharsets.UTF_8).strip());
                if (random.nextDouble() < drops) {
                    context.close();
                    return;
                }
            }
            int id = publish.variableHeader().packetId();
            MqttQoS qos = publish.fixedHeader().qosLevel();
            if (qos != MqttQoS.AT_MOST_ONCE) {
                // Later, so that several are on their way.
                context.executor().execute(() -> {
                    mine--;
                    send(context, qos == MqttQoS.AT_LEAST_ONCE ? MqttMessageType.PUBACK : MqttMessageType.PUBREC, id);
                });
            }
        }

        private void reply(ChannelHandlerContext context, MqttMessageType type, MqttMessage to) {
            send(context, type, ((MqttMessageIdVariableHeader) to.variableHeader()).messageId());
        }

        private void send(ChannelHandlerContext context, MqttMessageType type, int id) {
            context.writeAndFlush(new MqttMessage(
                    new MqttFixedHeader(type, false, MqttQoS.AT_MOST_ONCE, false, 0),
                    MqttMessageIdVariableHeader.from(id)));
        }
    }

    @Override
    public void close() {
        listener.close().syncUninterruptibly();
        group.shutdownGracefully(0, 1, java.util.concurrent.TimeUnit.SECONDS).syncUninterruptibly();
    }
}
