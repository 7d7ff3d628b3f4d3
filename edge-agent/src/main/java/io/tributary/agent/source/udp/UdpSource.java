package io.tributary.agent.source.udp;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.LineReader;
import io.tributary.agent.source.Source;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A socket that datagrams come to. One event loop thread. */
final class UdpSource implements Source {
    private static final long CLOSE_WAIT_MILLIS = 5_000;
    private static final List<Path> SOCKET_TABLES = List.of(Path.of("/proc/net/udp"), Path.of("/proc/net/udp6"));

    private final UdpOptions options;
    private final Supplier<LineReader> readers;
    private final boolean lines;
    private final ArrivalStamps arrivals;
    private final Intake intake;
    private final UdpMetrics metrics;
    private @Nullable EventLoopGroup loop;
    private @Nullable Channel channel;

    /** @param lines whether a datagram has lines, else it is one message */
    UdpSource(
            UdpOptions options,
            Supplier<LineReader> readers,
            boolean lines,
            ArrivalStamps arrivals,
            Intake intake,
            UdpMetrics metrics) {
        this.options = options;
        this.readers = readers;
        this.lines = lines;
        this.arrivals = arrivals;
        this.intake = intake;
        this.metrics = metrics;
    }

    @Override
    public String name() {
        return options.name();
    }

    @Override
    public void start() throws IOException {
        InetSocketAddress address = options.listen().address();
        if (address.isUnresolved()) {
            throw new IOException("source " + options.name() + ": host of " + options.listen() + " is not known");
        }
        EventLoopGroup group = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("source-" + options.name(), true), NioIoHandler.newFactory());
        loop = group;
        var bound = new Bootstrap()
                .group(group)
                .channel(NioDatagramChannel.class)
                .option(ChannelOption.SO_RCVBUF, options.receiveBufferBytes())
                // One byte more, so that a datagram that is too large is seen as such.
                .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(options.datagramBytesMax() + 1))
                .handler(new DatagramHandler(options, readers.get(), lines, arrivals, intake, metrics))
                .bind(address)
                .awaitUninterruptibly();
        if (!bound.isSuccess()) {
            close();
            throw new IOException(
                    "source " + options.name() + " cannot listen on " + options.listen() + ": "
                            + bound.cause().getMessage(),
                    bound.cause());
        }
        channel = bound.channel();
        KernelDrops drops = new KernelDrops(
                SOCKET_TABLES, ((InetSocketAddress) bound.channel().localAddress()).getPort());
        metrics.droppedLetters.labelValues(options.name()).inc(0);
        metrics.kernelDrops.labelValues(options.name()).inc(0);
        var unused = group.next()
                .scheduleAtFixedRate(
                        () -> metrics.kernelDrops.labelValues(options.name()).inc(drops.more()),
                        5,
                        5,
                        TimeUnit.SECONDS);
    }

    @Override
    public String endpoint() {
        if (channel == null || !(channel.localAddress() instanceof InetSocketAddress address)) {
            return options.listen().toString();
        }
        return options.listen().withPort(address.getPort()).toString();
    }

    /** What has been read is at the intake already. */
    @Override
    public void close() {
        if (channel != null) {
            channel.close().awaitUninterruptibly(CLOSE_WAIT_MILLIS);
            channel = null;
        }
        if (loop != null) {
            loop.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(3, TimeUnit.SECONDS);
            loop = null;
        }
    }
}
