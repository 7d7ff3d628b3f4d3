package io.tributary.agent.source;

import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.DecoderContext;
import io.tributary.agent.decode.Line;
import io.tributary.agent.decode.LineMapping;
import io.tributary.agent.decode.LineProtocol;
import io.tributary.agent.decode.MalformedException;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.util.Arrays;
import java.util.function.Supplier;

/** Reads one line after the other into a batch: for sources whose messages are lines. One thread at a time. */
public interface LineReader {
    /**
     * @param bytes from 0 on, without the line break
     * @param arrivals stamps for rows without a time
     * @throws MalformedException what was found, what is expected; nothing of the line is in the batch then
     */
    void read(byte[] bytes, int size, ArrivalStamps arrivals, BatchBuilder into) throws MalformedException;

    /** One reader per connection, each line a message of its own. Line protocol goes into the batch without a detour. */
    static Supplier<LineReader> ofLines(String source, DecoderConfig config, DecoderContext context) {
        if (config instanceof DecoderConfig.Lines lines) {
            return () -> new OfLineProtocol(lines.mapping());
        }
        MessageReader reader = MessageReader.of(source, config.open(context));
        return () -> new OfMessages(reader, true);
    }

    /** Whole messages in place of lines. */
    static Supplier<LineReader> ofMessages(String source, DecoderConfig config, DecoderContext context) {
        MessageReader reader = MessageReader.of(source, config.open(context));
        return () -> new OfMessages(reader, false);
    }

    /** Straight into the batch: this is what fleets send. */
    final class OfLineProtocol implements LineReader {
        private final LineProtocol parser = new LineProtocol();
        private final LineMapping mapping;

        OfLineProtocol(LineMapping mapping) {
            this.mapping = mapping;
        }

        @Override
        public void read(byte[] bytes, int size, ArrivalStamps arrivals, BatchBuilder into) throws MalformedException {
            Line line = parser.parse(bytes, 0, size);
            if (line != null) {
                mapping.add(line, line.time() == Line.NO_TIME ? arrivals.next() : 0, into);
            }
        }
    }

    /** Any decoder; an empty message is nothing. */
    final class OfMessages implements LineReader {
        private final MessageReader reader;
        private final boolean text;

        OfMessages(MessageReader reader, boolean text) {
            this.reader = reader;
            this.text = text;
        }

        @Override
        public void read(byte[] bytes, int size, ArrivalStamps arrivals, BatchBuilder into) throws MalformedException {
            int end = text && size > 0 && bytes[size - 1] == '\r' ? size - 1 : size;
            if (end == 0) {
                return;
            }
            MessageReader.Result result = reader.read("", Arrays.copyOf(bytes, end));
            Batch batch = result.batch();
            if (batch == null) {
                throw new MalformedException(result.detail());
            }
            into.append(batch, arrivals.next());
        }
    }
}
