package io.tributary.agent.source.udp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.tributary.agent.decode.MalformedException;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.LineReader;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Datagrams that are there together make one batch; what the intake refuses is counted and gone, as nobody would send it
 * again.
 *
 * <pre>
 * socket -> lines, or whole datagrams -> reader -> [ batch ] -> intake
 *                                              \-> dead letter
 * </pre>
 *
 * Of the event loop; receipts come on others.
 */
final class DatagramHandler extends SimpleChannelInboundHandler<DatagramPacket> {
    private static final Logger LOG = LoggerFactory.getLogger(DatagramHandler.class);
    private static final int GATHER_BYTES_MAX = 128 << 10;

    private final UdpOptions options;
    private final LineReader reader;
    private final boolean lines;
    private final ArrivalStamps arrivals;
    private final Intake intake;
    private final UdpMetrics metrics;
    private final AtomicLong pending = new AtomicLong();
    private final BatchBuilder gathering = new BatchBuilder();
    private long gatheredBytes;

    /** @param lines whether a datagram has lines, else it is one message */
    DatagramHandler(
            UdpOptions options,
            LineReader reader,
            boolean lines,
            ArrivalStamps arrivals,
            Intake intake,
            UdpMetrics metrics) {
        this.options = options;
        this.reader = reader;
        this.lines = lines;
        this.arrivals = arrivals;
        this.intake = intake;
        this.metrics = metrics;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
        ByteBuf content = packet.content();
        byte[] bytes = ByteBufUtil.getBytes(content);
        metrics.datagrams.labelValues(options.name()).inc();
        metrics.bytes.labelValues(options.name()).inc(bytes.length);
        String from = String.valueOf(packet.sender());
        if (bytes.length > options.datagramBytesMax()) {
            bad("datagram of more than " + options.datagramBytesMax() + " bytes", from, bytes, bytes.length);
            return;
        }
        gatheredBytes += bytes.length;
        if (!lines) {
            message(bytes, bytes.length, from);
        } else {
            int start = 0;
            for (int i = 0; i <= bytes.length; i++) {
                if (i == bytes.length || bytes[i] == '\n') {
                    message(start == 0 ? bytes : Arrays.copyOfRange(bytes, start, i), i - start, from);
                    start = i + 1;
                }
            }
        }
        if (gatheredBytes >= GATHER_BYTES_MAX) {
            submit();
        }
    }

    private void message(byte[] bytes, int size, String from) {
        if (size == 0) {
            return;
        }
        try {
            reader.read(bytes, size, arrivals, gathering);
        } catch (MalformedException e) {
            bad(String.valueOf(e.getMessage()), from, bytes, size);
        }
    }

    private void bad(String detail, String from, byte[] bytes, int size) {
        metrics.malformed.labelValues(options.name()).inc();
        byte[] payload = Arrays.copyOf(bytes, Math.min(size, options.datagramBytesMax()));
        if (!hold(payload.length)) {
            metrics.droppedLetters.labelValues(options.name()).inc();
            return;
        }
        intake.deadLetter(options.name(), "malformed-datagram", detail + ", from " + from, payload, new Receipt() {
            @Override
            public void taken() {
                hold(-payload.length);
            }

            @Override
            public void refused(Refusal refusal) {
                hold(-payload.length);
                metrics.droppedLetters.labelValues(options.name()).inc();
            }
        });
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        submit();
    }

    private void submit() {
        Batch batch = gathering.build();
        long size = gatheredBytes;
        gatheredBytes = 0;
        long readings = batch.readingCount();
        if (readings == 0) {
            return;
        }
        if (!hold(size)) {
            dropped("pending-full", readings);
            return;
        }
        intake.take(options.name(), batch, options.durability(), new Receipt() {
            @Override
            public void taken() {
                hold(-size);
            }

            @Override
            public void refused(Refusal refusal) {
                hold(-size);
                dropped(refusal.cause(), readings);
            }
        });
    }

    /** @return false when there is no room for more */
    private boolean hold(long more) {
        if (more > 0 && pending.get() + more > options.pendingBytesMax()) {
            return false;
        }
        metrics.pendingBytes.labelValues(options.name()).set(pending.addAndGet(more));
        return true;
    }

    private void dropped(String cause, long readings) {
        metrics.droppedReadings.labelValues(options.name(), cause).inc(readings);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        LOG.warn("source {}: {}", options.name(), cause.toString());
    }
}
