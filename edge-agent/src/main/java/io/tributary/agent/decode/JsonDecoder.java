package io.tributary.agent.decode;

import io.tributary.model.Batch;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;

/** JSON by paths; a document is never built, only what is asked for is kept of it. Any thread. */
final class JsonDecoder implements Decoder {
    private final JsonConfig config;
    private final DecoderContext context;
    private final JsonPaths paths;

    JsonDecoder(JsonConfig config, DecoderContext context) {
        this.config = config;
        this.context = context;
        this.paths = new JsonPaths(config);
    }

    @Override
    public Batch decode(Message message) throws MalformedException {
        byte[] payload = message.payload();
        if (payload.length > config.payloadBytesMax().bytes()) {
            throw new MalformedException(
                    "a payload of " + payload.length + " bytes, expected at most " + config.payloadBytesMax());
        }
        Readings readings = new Readings(message.names());
        try (JsonParser parser = JsonFormat.parser(payload)) {
            while (parser.nextToken() != null) {
                JsonWalk walk = new JsonWalk(paths);
                walk.document(parser);
                new JsonRows(config, paths, walk, message.names(), context).addTo(readings);
            }
        } catch (JacksonException e) {
            throw JsonFormat.malformed(e);
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
        if (readings.size() == 0) {
            if (config.whenEmpty() == JsonConfig.WhenEmpty.DEAD_LETTER) {
                throw new MalformedException("none of the channels is in it, expected a value at one of their paths");
            }
            context.metrics()
                    .skipped
                    .labelValues(context.source(), "empty-message")
                    .inc();
        }
        return readings.build();
    }
}
