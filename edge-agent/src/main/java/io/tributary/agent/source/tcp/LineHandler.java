package io.tributary.agent.source.tcp;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.tributary.agent.decode.MalformedException;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.LineReader;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Gathers lines while the ones before are being synced, and answers with how many of the connection's lines are safe.
 *
 * <pre>
 * lines -> [ gathering, at most 128 KiB; then reading stops ] -> [ one batch at the intake ] -> "OK n"
 *                                                                                 refused: the same batch again, later
 * </pre>
 *
 * One batch at a time keeps a device's order, also when the intake pushes back.
 */
final class LineHandler extends ChannelInboundHandlerAdapter {
    private static final int GATHER_BYTES_MAX = 128 << 10;
    private static final int LETTERS_MAX = 256;

    private final TcpOptions options;
    private final LineReader reader;
    private final ArrivalStamps arrivals;
    private final Intake intake;
    private final TcpMetrics metrics;

    // Of the event loop. The line being received:
    private byte[] partial = new byte[512];
    private int partialSize;
    private boolean skipping;
    // What is gathered:
    private final BatchBuilder gathering = new BatchBuilder();
    private final List<Malformed> malformed = new ArrayList<>();
    private long gatheredBytes;
    private long lines;
    private long submitted;
    // What is at the intake:
    private boolean busy;
    private boolean brought;
    private boolean ending;
    private boolean stopping;

    private record Malformed(long line, String detail, byte[] payload) {}

    LineHandler(TcpOptions options, LineReader reader, ArrivalStamps arrivals, Intake intake, TcpMetrics metrics) {
        this.options = options;
        this.reader = reader;
        this.arrivals = arrivals;
        this.intake = intake;
        this.metrics = metrics;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        try {
            if (!ending) {
                metrics.bytes.labelValues(options.name()).inc(bytes.readableBytes());
                gather(bytes);
            }
        } finally {
            ReferenceCountUtil.release(bytes);
        }
        if (gatheredBytes >= GATHER_BYTES_MAX || malformed.size() >= LETTERS_MAX) {
            context.channel().config().setAutoRead(false);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        submit(context);
    }

    private void gather(ByteBuf bytes) {
        while (bytes.isReadable()) {
            int from = bytes.readerIndex();
            int feed = bytes.indexOf(from, bytes.writerIndex(), (byte) '\n');
            int length = (feed < 0 ? bytes.writerIndex() : feed) - from;
            if (!skipping) {
                hold(bytes, length);
            }
            bytes.skipBytes(feed < 0 ? length : length + 1);
            gatheredBytes += length;
            if (feed >= 0) {
                if (!skipping) {
                    line(partialSize);
                }
                skipping = false;
                partialSize = 0;
            }
        }
    }

    private void hold(ByteBuf bytes, int length) {
        int taken = Math.min(length, options.messageBytesMax() - partialSize);
        if (partialSize + taken > partial.length) {
            partial = Arrays.copyOf(partial, Math.max(partialSize + taken, 2 * partial.length));
        }
        bytes.getBytes(bytes.readerIndex(), partial, partialSize, taken);
        partialSize += taken;
        if (taken < length) {
            lines++;
            bad("line is longer than " + options.messageBytesMax() + " bytes", partialSize);
            skipping = true;
        }
    }

    private void line(int size) {
        lines++;
        try {
            reader.read(partial, size, arrivals, gathering);
        } catch (MalformedException e) {
            bad(String.valueOf(e.getMessage()), size);
        }
    }

    private void bad(String detail, int size) {
        metrics.malformed.labelValues(options.name()).inc();
        malformed.add(new Malformed(lines, detail, Arrays.copyOf(partial, size)));
    }

    // ---- to the intake and back ----

    /** All receipts of one submission; the answer goes out after the last. */
    private final class Submission implements Receipt {
        private final ChannelHandlerContext context;
        private final Batch batch;
        private final List<Malformed> letters;
        private final long upTo;
        private int open;

        Submission(ChannelHandlerContext context, Batch batch, List<Malformed> letters, long upTo) {
            this.context = context;
            this.batch = batch;
            this.letters = letters;
            this.upTo = upTo;
        }

        void send() {
            open = letters.size() + 1;
            for (Malformed each : letters) {
                sendLetter(each);
            }
            sendBatch();
        }

        private void sendBatch() {
            intake.take(options.name(), batch, options.durability(), this);
        }

        private void sendLetter(Malformed each) {
            String detail = each.detail() + ", line " + each.line() + " from "
                    + context.channel().remoteAddress();
            intake.deadLetter(options.name(), "malformed-line", detail, each.payload(), new Receipt() {
                @Override
                public void taken() {
                    onLoop(Submission.this::landed);
                }

                @Override
                public void refused(Refusal refusal) {
                    later(refusal, () -> sendLetter(each));
                }
            });
        }

        @Override
        public void taken() {
            onLoop(this::landed);
        }

        @Override
        public void refused(Refusal refusal) {
            later(refusal, this::sendBatch);
        }

        private void later(Refusal refusal, Runnable again) {
            onLoop(() -> {
                if (refusal.isPermanent() || stopping) {
                    write("ERR " + upTo + " " + refusal.cause() + ": " + refusal.detail() + "\n");
                    context.close();
                } else if (context.channel().isActive()) {
                    context.executor().schedule(again, refusal.retryAfterMillis(), TimeUnit.MILLISECONDS);
                }
            });
        }

        private void onLoop(Runnable task) {
            context.executor().execute(task);
        }

        private void write(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            context.writeAndFlush(context.alloc().buffer(bytes.length).writeBytes(bytes));
        }

        private void landed() {
            if (--open > 0) {
                return;
            }
            StringBuilder answer = new StringBuilder();
            for (Malformed each : letters) {
                answer.append("ERR ")
                        .append(each.line())
                        .append(' ')
                        .append(each.detail())
                        .append('\n');
            }
            write(answer.append("OK ").append(upTo).append('\n').toString());
            busy = false;
            submit(context);
            resume(context);
        }
    }

    private void submit(ChannelHandlerContext context) {
        if (busy) {
            return;
        }
        if (lines == submitted) {
            gatheredBytes = 0; // of a line that is not complete yet, which is bounded by itself
            if (ending) {
                context.close();
            }
            return;
        }
        busy = true;
        Submission next = new Submission(context, gathering.build(), List.copyOf(malformed), lines);
        metrics.messages.labelValues(options.name()).inc(next.upTo - submitted);
        submitted = next.upTo;
        if (!brought && next.batch.readingCount() > 0) {
            brought = true;
            context.fireUserEventTriggered(TcpSource.Brought.INSTANCE);
        }
        malformed.clear();
        gatheredBytes = 0;
        next.send();
    }

    private void resume(ChannelHandlerContext context) {
        if (gatheredBytes < GATHER_BYTES_MAX / 2
                && malformed.size() < LETTERS_MAX / 2
                && context.channel().isWritable()) {
            context.channel().config().setAutoRead(true);
        }
    }

    // ---- the end ----

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (TcpSource.isEndOfInput(event)) {
            end(context, true);
        } else if (event == TcpSource.Stop.INSTANCE) {
            context.executor().execute(() -> end(context, false));
        } else if (event instanceof IdleStateEvent && !busy) {
            context.close();
        }
    }

    /** @param complete the device sent all it wanted: the last line needs no line break */
    private void end(ChannelHandlerContext context, boolean complete) {
        if (complete && partialSize > 0 && !skipping) {
            line(partialSize);
            gatheredBytes += partialSize;
        }
        partialSize = 0;
        ending = true;
        stopping |= !complete;
        submit(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (context.channel().isWritable()) {
            resume(context);
        } else {
            context.channel().config().setAutoRead(false); // it sends, but does not read its answers
        }
    }
}
