package io.tributary.agent.decode;

import com.google.protobuf.InvalidProtocolBufferException;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import io.tributary.proto.v1.DeviceSamples;
import io.tributary.proto.v1.Frame;
import io.tributary.proto.v1.FrameReply;
import io.tributary.proto.v1.Sample;
import io.tributary.proto.v1.SampleValue;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The project's own frames, frame.proto: rows for small firmware, encoded batches for gateways. Any thread. */
public final class FrameDecoder implements Decoder {
    /** What one value may cost: a frame of 1 MiB that names the same text over and over stays below this. */
    private static final BatchLimits LIMITS = new BatchLimits(2 << 20, 8 << 20, 250_000, 64 << 10);

    FrameDecoder() {}

    /** A frame whose readings are open. */
    public record Decoded(long id, Batch batch) {}

    /** A message without length before it; rows without a device are of the one that the address names. */
    @Override
    public Batch decode(Message message) throws MalformedException {
        try {
            return decode(ByteBuffer.wrap(message.payload()), message.names()).batch();
        } catch (MalformedFrameException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    /**
     * @throws MalformedFrameException with the frame's ID, so that it can be answered
     */
    public static Decoded decode(ByteBuffer bytes) throws MalformedFrameException {
        return decode(bytes, Message.Names.NONE);
    }

    /** The library goes on with what it could mean. */
    private static String firstSentence(InvalidProtocolBufferException e) {
        String text = String.valueOf(e.getMessage());
        int end = text.indexOf('.');
        return end < 0 ? text : text.substring(0, end);
    }

    private static Decoded decode(ByteBuffer bytes, Message.Names names) throws MalformedFrameException {
        Frame frame;
        try {
            frame = Frame.parseFrom(bytes);
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedFrameException(0, "not a Frame: " + firstSentence(e));
        }
        try {
            if (frame.getBatch().isEmpty()) {
                BatchBuilder builder = new BatchBuilder();
                for (DeviceSamples samples : frame.getDevicesList()) {
                    addSamples(builder, samples, names);
                }
                return new Decoded(frame.getId(), builder.build());
            }
            if (frame.getDevicesCount() > 0) {
                throw new IllegalArgumentException("frame with devices and a batch, expected one of them");
            }
            return new Decoded(
                    frame.getId(), unstamped(BatchCodec.decode(frame.getBatch().toByteArray(), LIMITS)));
        } catch (InvalidBatchException | IllegalArgumentException e) {
            throw new MalformedFrameException(frame.getId(), String.valueOf(e.getMessage()));
        }
    }

    private static void addSamples(BatchBuilder builder, DeviceSamples samples, Message.Names names) {
        Map<String, String> tags = new HashMap<>(names.tags());
        tags.putAll(samples.getTagsMap());
        Device device = new Device(samples.getDevice().isEmpty() ? names.device() : samples.getDevice(), tags);
        for (Sample sample : samples.getSamplesList()) {
            builder.row(device, sample.hasEventTimeNs() ? sample.getEventTimeNs() : Table.STAMP_ON_ARRIVAL);
            for (SampleValue value : sample.getValuesList()) {
                addValue(builder, value);
            }
        }
    }

    private static void addValue(BatchBuilder builder, SampleValue value) {
        int quality = value.getQuality();
        switch (value.getValueCase()) {
            case DOUBLE_VALUE -> builder.set(channel(value, ValueType.DOUBLE), value.getDoubleValue(), quality);
            case LONG_VALUE -> builder.set(channel(value, ValueType.LONG), value.getLongValue(), quality);
            case BOOL_VALUE -> builder.set(channel(value, ValueType.BOOL), value.getBoolValue(), quality);
            case STRING_VALUE -> {
                if (value.getStringValueBytes().size() > LIMITS.stringBytesMax()) {
                    throw new IllegalArgumentException("channel \"" + value.getChannel() + "\" has a text of "
                            + value.getStringValueBytes().size() + " bytes, expected at most "
                            + LIMITS.stringBytesMax());
                }
                builder.set(channel(value, ValueType.STRING), value.getStringValue(), quality);
            }
            case VALUE_NOT_SET ->
                throw new IllegalArgumentException("channel \"" + value.getChannel() + "\" without a value");
        }
    }

    private static Channel channel(SampleValue value, ValueType type) {
        return new Channel(value.getChannel(), type, value.getUnit());
    }

    /** Edge time is when the agent takes a reading, whatever a gateway in front of it says. */
    private static Batch unstamped(Batch batch) {
        List<Table> tables = batch.tables().stream()
                .map(table -> new Table(
                        table.rows(),
                        table.runDevice(),
                        table.runLength(),
                        table.eventTimes(),
                        new long[table.rows()],
                        table.channels(),
                        table.columns()))
                .toList();
        return new Batch(batch.devices(), batch.channels(), tables);
    }

    /** The reply to a frame, ready to be sent behind its length. */
    public static byte[] accepted(long id, long readings) {
        return FrameReply.newBuilder()
                .setId(id)
                .setResult(FrameReply.Result.ACCEPTED)
                .setReadings(readings)
                .build()
                .toByteArray();
    }

    public static byte[] rejected(long id, String message) {
        return FrameReply.newBuilder()
                .setId(id)
                .setResult(FrameReply.Result.REJECTED)
                .setMessage(message)
                .build()
                .toByteArray();
    }

    public static byte[] retry(long id, String message, long afterMillis) {
        return FrameReply.newBuilder()
                .setId(id)
                .setResult(FrameReply.Result.RETRY)
                .setMessage(message)
                .setRetryAfterMillis((int) Math.min(Integer.MAX_VALUE, Math.max(0, afterMillis)))
                .build()
                .toByteArray();
    }
}
