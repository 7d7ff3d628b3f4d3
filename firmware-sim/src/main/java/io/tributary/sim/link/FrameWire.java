package io.tributary.sim.link;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.proto.v1.DeviceSamples;
import io.tributary.proto.v1.Frame;
import io.tributary.proto.v1.FrameReply;
import io.tributary.proto.v1.Sample;
import io.tributary.proto.v1.SampleValue;
import io.tributary.sim.row.Row;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Frames: a 4-byte big-endian length and a {@code Frame}; a {@code FrameReply} for each, in order. */
final class FrameWire implements Wire {
    /** A reply is a few numbers and a message. */
    private static final int REPLY_BYTES_MAX = 1 << 20;

    private final boolean columnar;

    /** @param columnar whether frames hold an encoded batch instead of rows */
    FrameWire(boolean columnar) {
        this.columnar = columnar;
    }

    @Override
    public @Nullable String whyUnsendable(Row row) {
        return null;
    }

    @Override
    public Delivery.Encoded encode(long id, List<Row> rows) {
        Frame.Builder frame = Frame.newBuilder().setId(id);
        if (columnar) {
            frame.setBatch(UnsafeByteOperations.unsafeWrap(batch(rows)));
        } else {
            addRows(frame, rows);
        }
        Frame built = frame.build();
        int length = built.getSerializedSize();
        byte[] bytes = new byte[4 + length];
        ByteBuffer.wrap(bytes).putInt(length);
        try {
            CodedOutputStream out = CodedOutputStream.newInstance(bytes, 4, length);
            built.writeTo(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException("BUG: a frame larger than its size", e);
        }
        return new Delivery.Encoded(bytes, new int[0]);
    }

    /** Uncompressed: the agent opens it at once, and packed columns are small. */
    private static byte[] batch(List<Row> rows) {
        BatchBuilder builder = new BatchBuilder();
        for (Row row : rows) {
            builder.row(row.device(), row.eventTimeNs());
            for (int i = 0; i < row.size(); i++) {
                switch (row.channel(i).type()) {
                    case DOUBLE -> builder.set(row.channel(i), row.doubleValue(i), row.quality(i));
                    case LONG -> builder.set(row.channel(i), row.bits(i), row.quality(i));
                    case BOOL -> builder.set(row.channel(i), row.bits(i) != 0, row.quality(i));
                    case STRING -> builder.set(row.channel(i), row.text(i), row.quality(i));
                }
            }
        }
        return BatchCodec.encode(builder.build(), false);
    }

    /** Neighbouring rows of one device share a group; groups of one device are not joined, which would reorder them. */
    private static void addRows(Frame.Builder frame, List<Row> rows) {
        DeviceSamples.@Nullable Builder group = null;
        String device = "";
        for (Row row : rows) {
            if (group == null || !row.device().id().equals(device)) {
                device = row.device().id();
                group = frame.addDevicesBuilder()
                        .setDevice(device)
                        .putAllTags(row.device().tags());
            }
            group.addSamples(sample(row));
        }
    }

    private static Sample sample(Row row) {
        Sample.Builder sample = Sample.newBuilder().setEventTimeNs(row.eventTimeNs());
        for (int i = 0; i < row.size(); i++) {
            SampleValue.Builder value = SampleValue.newBuilder()
                    .setChannel(row.channel(i).name())
                    .setUnit(row.channel(i).unit())
                    .setQuality(row.quality(i));
            switch (row.channel(i).type()) {
                case DOUBLE -> value.setDoubleValue(row.doubleValue(i));
                case LONG -> value.setLongValue(row.bits(i));
                case BOOL -> value.setBoolValue(row.bits(i) != 0);
                case STRING -> value.setStringValue(row.text(i));
            }
            sample.addValues(value);
        }
        return sample.build();
    }

    @Override
    public Session open(InputStream in, OutputStream out) {
        return new FrameSession(new DataInputStream(in), out);
    }

    private static final class FrameSession implements Session {
        private final DataInputStream in;
        private final OutputStream out;
        private final Queue<Delivery> unanswered = new ConcurrentLinkedQueue<>();

        FrameSession(DataInputStream in, OutputStream out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public void write(Delivery delivery, int fromRow) throws IOException {
            unanswered.add(delivery);
            out.write(delivery.bytes());
        }

        @Override
        public List<Outcome> read() throws IOException {
            FrameReply reply = reply();
            Delivery delivery = unanswered.poll();
            if (delivery == null || delivery.id() != reply.getId()) {
                throw new IOException("reply to frame " + Long.toUnsignedString(reply.getId()) + ", expected "
                        + (delivery == null ? "none" : "one to frame " + delivery.id()));
            }
            Outcome.Kind kind = switch (reply.getResult()) {
                case ACCEPTED -> Outcome.Kind.ACCEPTED;
                case REJECTED -> Outcome.Kind.REJECTED;
                case RETRY -> Outcome.Kind.RETRY;
                case UNRECOGNIZED ->
                    throw new IOException(
                            "result " + reply.getResultValue() + " in the reply to frame " + delivery.id());
            };
            return List.of(new Outcome(
                    delivery,
                    0,
                    delivery.rowCount(),
                    kind,
                    reply.getMessage(),
                    Integer.toUnsignedLong(reply.getRetryAfterMillis())));
        }

        private FrameReply reply() throws IOException {
            int length = in.readInt();
            if (length < 0 || length > REPLY_BYTES_MAX) {
                throw new IOException(
                        "reply of " + Integer.toUnsignedLong(length) + " bytes, expected at most " + REPLY_BYTES_MAX);
            }
            byte[] bytes = new byte[length];
            in.readFully(bytes);
            try {
                return FrameReply.parseFrom(bytes);
            } catch (InvalidProtocolBufferException e) {
                throw new IOException("a reply that is no FrameReply: " + e.getMessage(), e);
            }
        }
    }
}
