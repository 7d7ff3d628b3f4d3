package io.tributary.agent.source;

import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.DecoderContext;
import io.tributary.agent.decode.FrameDecoder;
import io.tributary.agent.decode.MalformedFrameException;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.nio.ByteBuffer;
import java.util.function.Supplier;

/** Reads messages of known length, each answered by its ID. One per connection, one thread at a time. */
public interface FrameReader {
    /** @throws MalformedFrameException with the ID that the answer has to bear */
    FrameDecoder.Decoded read(ByteBuffer bytes, ArrivalStamps arrivals) throws MalformedFrameException;

    /** The project's frames bring their IDs; messages of other decoders are counted from 1. */
    static Supplier<FrameReader> of(String source, DecoderConfig config, DecoderContext context) {
        if (config instanceof DecoderConfig.Frames) {
            return () -> (bytes, arrivals) -> FrameDecoder.decode(bytes);
        }
        MessageReader reader = MessageReader.of(source, config.open(context));
        return () -> new OfMessages(reader);
    }

    /** Any decoder. */
    final class OfMessages implements FrameReader {
        private final MessageReader reader;
        private final BatchBuilder stamped = new BatchBuilder();
        private long count;

        OfMessages(MessageReader reader) {
            this.reader = reader;
        }

        @Override
        public FrameDecoder.Decoded read(ByteBuffer bytes, ArrivalStamps arrivals) throws MalformedFrameException {
            count++;
            byte[] payload = new byte[bytes.remaining()];
            bytes.get(payload);
            MessageReader.Result result = reader.read("", payload);
            Batch batch = result.batch();
            if (batch == null) {
                throw new MalformedFrameException(count, result.detail());
            }
            stamped.append(batch, arrivals.next());
            return new FrameDecoder.Decoded(count, stamped.build());
        }
    }
}
