package io.tributary.agent.source;

import io.tributary.agent.decode.Decoder;
import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.DecoderContext;
import io.tributary.agent.decode.MalformedException;
import io.tributary.agent.decode.Message;
import io.tributary.model.Batch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From address and payload to readings, or to what is wrong with them: whatever a peer sends, there is an answer. Any
 * thread, when the decoder may be used by several.
 */
public final class MessageReader {
    /** Causes of dead letters. */
    public static final String UNKNOWN_TOPIC = "unknown-topic";

    public static final String MALFORMED = "malformed-payload";
    public static final String DECODER_FAULT = "decoder-fault";

    private static final Logger LOG = LoggerFactory.getLogger(MessageReader.class);

    private final AtomicBoolean faultTold = new AtomicBoolean();
    private final String source;
    private final List<Way> ways;

    /** @param names finds device, channel and tags in an address; null for one that is not of this way */
    private record Way(Function<String, Message.@Nullable Names> names, Decoder decoder) {}

    private MessageReader(String source, List<Way> ways) {
        this.source = source;
        this.ways = ways;
    }

    /** For messages without addresses. */
    public static MessageReader of(String source, Decoder decoder) {
        return of(source, decoder, address -> Message.Names.NONE);
    }

    static MessageReader of(String source, Decoder decoder, Function<String, Message.@Nullable Names> names) {
        return new MessageReader(source, List.of(new Way(names, decoder)));
    }

    /** Each message is read as the first route says whose template matches; routes that are alike share a decoder. */
    public static MessageReader of(String source, List<MessageRoute> routes, DecoderContext context) {
        Map<DecoderConfig, Decoder> decoders = new HashMap<>();
        List<Way> ways = new ArrayList<>();
        for (MessageRoute route : routes) {
            Decoder decoder = decoders.computeIfAbsent(route.decode(), config -> config.open(context));
            ways.add(new Way(route.topic()::match, decoder));
        }
        return new MessageReader(source, List.copyOf(ways));
    }

    /**
     * @param batch null for a dead letter
     * @param cause of the dead letter, else empty
     * @param detail of the dead letter: value, expectation, place
     */
    public record Result(@Nullable Batch batch, String cause, String detail) {
        static Result letter(String cause, String detail) {
            return new Result(null, cause, detail);
        }
    }

    public Result read(String address, byte[] payload) {
        try {
            for (Way way : ways) {
                Message.Names found = way.names().apply(address);
                if (found != null) {
                    return new Result(way.decoder().decode(new Message(address, found, payload)), "", "");
                }
            }
            return Result.letter(
                    UNKNOWN_TOPIC, "topic \"" + shown(address) + "\" fits none of the topics of source " + source);
        } catch (MalformedException | IllegalArgumentException e) { // the latter from names that the model refuses
            return Result.letter(MALFORMED, e.getMessage() + place(address));
        } catch (RuntimeException e) {
            // Poison must not stop the line: the peer would send it again for ever.
            if (!faultTold.getAndSet(true)) {
                LOG.error(
                        "source {}: a message made the decoder fail, it and others like it are dead letters {}",
                        source,
                        DECODER_FAULT,
                        e);
            }
            return Result.letter(DECODER_FAULT, e + place(address));
        }
    }

    private static String place(String address) {
        return address.isEmpty() ? "" : ", topic \"" + shown(address) + "\"";
    }

    private static String shown(String address) {
        String clean = address.replaceAll("\\p{Cntrl}", "?");
        return clean.length() <= 200 ? clean : clean.substring(0, 200) + "…";
    }
}
