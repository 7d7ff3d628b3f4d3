package io.tributary.agent.source.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.tributary.agent.decode.FrameDecoder;
import io.tributary.agent.decode.MalformedFrameException;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.FrameReader;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Answers every frame in order, after fsync.
 *
 * <pre>
 * frames -> [ unanswered, at most 64 frames and 4 MiB; then reading stops ] -> replies in order
 * </pre>
 *
 * A frame that has to come again makes those behind it come again, too, until all are answered: a device's order is kept.
 */
final class FrameHandler extends ChannelInboundHandlerAdapter {
    private static final int UNANSWERED_MAX = 64;
    private static final long UNANSWERED_BYTES_MAX = 4 << 20;

    private final TcpOptions options;
    private final FrameReader reader;
    private final ArrivalStamps arrivals;
    private final Intake intake;
    private final TcpMetrics metrics;
    // Of the event loop.
    private final Deque<Pending> pending = new ArrayDeque<>();
    private long pendingBytes;
    private boolean retrying;
    private boolean ending;
    private boolean brought;

    FrameHandler(TcpOptions options, FrameReader reader, ArrivalStamps arrivals, Intake intake, TcpMetrics metrics) {
        this.options = options;
        this.reader = reader;
        this.arrivals = arrivals;
        this.intake = intake;
        this.metrics = metrics;
    }

    private static final class Pending {
        final int bytes;
        byte @Nullable [] reply;

        Pending(int bytes) {
            this.bytes = bytes;
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (message instanceof FrameSplitter.Oversized oversized) {
            oversized(context, oversized);
            return;
        }
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (!ending) {
                frame(context, bytes);
            }
        } finally {
            ReferenceCountUtil.release(bytes);
        }
    }

    private void frame(ChannelHandlerContext context, ByteBuf bytes) {
        int size = bytes.readableBytes();
        metrics.messages.labelValues(options.name()).inc();
        metrics.bytes.labelValues(options.name()).inc(size + 4L);
        Pending frame = add(context, size);
        try {
            FrameDecoder.Decoded decoded = reader.read(bytes.nioBuffer(), arrivals);
            if (!brought) {
                brought = true;
                context.fireUserEventTriggered(TcpSource.Brought.INSTANCE);
            }
            if (retrying) {
                reply(context, frame, FrameDecoder.retry(decoded.id(), "an earlier frame has to come first", 100));
                return;
            }
            long readings = decoded.batch().readingCount();
            intake.take(options.name(), decoded.batch(), options.durability(), new Receipt() {
                @Override
                public void taken() {
                    replyLater(context, frame, FrameDecoder.accepted(decoded.id(), readings));
                }

                @Override
                public void refused(Refusal refusal) {
                    onLoop(context, () -> refusedFrame(context, frame, decoded.id(), refusal));
                }
            });
        } catch (MalformedFrameException e) {
            malformed(context, frame, e.id(), String.valueOf(e.getMessage()), ByteBufUtil.getBytes(bytes));
        }
    }

    private void refusedFrame(ChannelHandlerContext context, Pending frame, long id, Refusal refusal) {
        if (refusal.isPermanent()) {
            reply(context, frame, FrameDecoder.rejected(id, refusal.cause() + ": " + refusal.detail()));
        } else {
            retrying = true;
            reply(
                    context,
                    frame,
                    FrameDecoder.retry(id, refusal.cause() + ": " + refusal.detail(), refusal.retryAfterMillis()));
        }
    }

    private void oversized(ChannelHandlerContext context, FrameSplitter.Oversized oversized) {
        ending = true;
        Pending frame = add(context, oversized.head().length);
        malformed(
                context,
                frame,
                0,
                "frame of " + oversized.length() + " bytes, expected at most " + options.messageBytesMax(),
                oversized.head());
    }

    /** Told to the device when the dead letter is safe. */
    private void malformed(ChannelHandlerContext context, Pending frame, long id, String detail, byte[] payload) {
        metrics.malformed.labelValues(options.name()).inc();
        String from = detail + ", from " + context.channel().remoteAddress();
        intake.deadLetter(options.name(), "malformed-frame", from, payload, new Receipt() {
            @Override
            public void taken() {
                replyLater(context, frame, FrameDecoder.rejected(id, detail));
            }

            @Override
            public void refused(Refusal refusal) {
                onLoop(context, () -> refusedFrame(context, frame, id, refusal));
            }
        });
    }

    // ---- answers, on the event loop ----

    private Pending add(ChannelHandlerContext context, int bytes) {
        Pending frame = new Pending(bytes);
        pending.add(frame);
        pendingBytes += bytes;
        if (pending.size() >= UNANSWERED_MAX || pendingBytes >= UNANSWERED_BYTES_MAX) {
            context.channel().config().setAutoRead(false);
        }
        return frame;
    }

    private static void onLoop(ChannelHandlerContext context, Runnable task) {
        if (context.executor().inEventLoop()) {
            task.run();
        } else {
            context.executor().execute(task);
        }
    }

    private void replyLater(ChannelHandlerContext context, Pending frame, byte[] reply) {
        onLoop(context, () -> reply(context, frame, reply));
    }

    private void reply(ChannelHandlerContext context, Pending frame, byte[] reply) {
        frame.reply = reply;
        boolean wrote = false;
        for (Pending first = pending.peek(); first != null && first.reply != null; first = pending.peek()) {
            byte[] bytes = first.reply;
            context.write(context.alloc()
                    .buffer(4 + bytes.length)
                    .writeInt(bytes.length)
                    .writeBytes(bytes));
            pending.remove();
            pendingBytes -= first.bytes;
            wrote = true;
        }
        if (wrote) {
            context.flush();
        }
        if (pending.isEmpty()) {
            retrying = false;
            if (ending) {
                context.writeAndFlush(context.alloc().buffer(0)).addListener(done -> context.close());
                return;
            }
        }
        resume(context);
    }

    private void resume(ChannelHandlerContext context) {
        if (pending.size() <= UNANSWERED_MAX / 2
                && pendingBytes <= UNANSWERED_BYTES_MAX / 2
                && context.channel().isWritable()) {
            context.channel().config().setAutoRead(true);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            resume(context);
        } else {
            context.channel().config().setAutoRead(false); // it sends, but does not read its answers
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (TcpSource.isEndOfInput(event) || event == TcpSource.Stop.INSTANCE) {
            onLoop(context, () -> end(context));
        } else if (event instanceof IdleStateEvent && pending.isEmpty()) {
            context.close();
        }
    }

    private void end(ChannelHandlerContext context) {
        ending = true;
        if (pending.isEmpty()) {
            context.close();
        }
    }
}
