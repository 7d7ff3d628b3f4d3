package io.tributary.agent.source;

import io.tributary.agent.decode.Decoder;
import io.tributary.agent.decode.MalformedException;
import io.tributary.agent.decode.Message;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Device;
import io.tributary.model.Table;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** For tests of sources: a payload is one whole number, a topic {@code in/{device}/{channel}}. */
public final class NumberDecoder implements Decoder {
    /** A payload that makes it fail as no decoder should. */
    public static final String BUG = "bug";

    public static MessageReader reader() {
        return MessageReader.of("test", new NumberDecoder(), NumberDecoder::names);
    }

    public static Message.@Nullable Names names(String topic) {
        String[] levels = topic.split("/", -1);
        return levels.length == 3 && levels[0].equals("in") ? new Message.Names(levels[1], levels[2], Map.of()) : null;
    }

    @Override
    public Batch decode(Message message) throws MalformedException {
        String text = new String(message.payload(), StandardCharsets.UTF_8);
        if (text.equals(BUG)) {
            throw new IllegalStateException("a fault of the decoder");
        }
        try {
            return new BatchBuilder()
                    .row(Device.of(message.names().device()), Table.STAMP_ON_ARRIVAL)
                    .set(message.names().channel(), Long.parseLong(text))
                    .build();
        } catch (NumberFormatException e) {
            throw new MalformedException("\"" + text + "\", expected a whole number");
        }
    }

    /** All values that were taken, in the order of sequences. */
    public static List<Long> values(FlakyIntake intake) {
        List<Long> values = new ArrayList<>();
        for (Batch batch : intake.taken()) {
            for (Table table : batch.tables()) {
                for (var column : table.columns()) {
                    for (int i = 0; i < column.size(); i++) {
                        values.add(column.longs()[i]);
                    }
                }
            }
        }
        return values;
    }
}
