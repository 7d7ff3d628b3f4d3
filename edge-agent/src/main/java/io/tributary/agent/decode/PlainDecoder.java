package io.tributary.agent.decode;

import io.tributary.model.Batch;
import io.tributary.model.Table;
import java.util.Map;

/** The payload is one value; the address says whose. Stateless, any thread. */
final class PlainDecoder implements Decoder {
    private final DecoderConfig.Plain config;

    PlainDecoder(DecoderConfig.Plain config) {
        this.config = config;
    }

    @Override
    public Batch decode(Message message) throws MalformedException {
        byte[] payload = message.payload();
        if (payload.length > ValueTexts.STRING_BYTES_MAX) {
            throw new MalformedException("a payload of " + payload.length + " bytes, expected one value of at most "
                    + ValueTexts.STRING_BYTES_MAX);
        }
        String text = ValueTexts.utf8(payload);
        String value = config.value() == ValueKind.STRING ? text : text.strip();
        if (value.isEmpty()) {
            throw new MalformedException("an empty payload, expected a value");
        }
        String channel = message.names().channel().isEmpty()
                ? config.channel()
                : message.names().channel();
        try {
            Readings readings = new Readings(message.names());
            readings.row(config.device(), Map.of(), Table.STAMP_ON_ARRIVAL);
            readings.addText(channel, config.unit(), config.value(), value, false);
            return readings.build();
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }
}
