package io.tributary.agent;

import io.tributary.agent.clock.SystemClock;
import io.tributary.agent.outbox.OutboxDoctor;
import io.tributary.agent.outbox.OutboxOptions;
import io.tributary.agent.outbox.OutboxRecord;
import io.tributary.agent.outbox.OutboxStats;
import io.tributary.agent.process.ReadingCursor;
import io.tributary.agent.seal.KeyRing;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.http.JsonWriter;
import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.InvalidBatchException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * {@code edge-agent outbox ...}: what is buffered, looked at from outside. Exit codes: 0 well, 1 it could not be done, 2
 * wrong usage or configuration, 3 the outbox is damaged.
 */
@Command(
        name = "outbox",
        mixinStandardHelpOptions = true,
        description = "Looks at what is buffered, also while the agent runs; repairs it while it does not.")
final class OutboxCommand {
    private static final int FAILED = 1;
    private static final int MISCONFIGURED = 2;
    private static final int DAMAGED = 3;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    /** Where the outbox is. */
    static final class Place {
        @Option(
                names = {"-c", "--config"},
                paramLabel = "FILE",
                description = "the agent's configuration")
        private @Nullable Path config;

        @Option(names = "--path", paramLabel = "DIR", description = "the outbox's directory")
        private @Nullable Path path;
    }

    @FunctionalInterface
    private interface Work {
        int on(Path outbox, KeyRing keys, PrintWriter out) throws IOException, ConfigException;
    }

    private int run(Place place, Work work) {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        try {
            OutboxOptions settings = place.path == null ? settings(place) : null;
            Path path = settings == null ? Objects.requireNonNull(place.path) : settings.path();
            KeyRing keys = KeyRing.load(settings == null ? null : settings.encryption());
            int code = work.on(path, keys, out);
            out.flush();
            return code;
        } catch (ConfigException e) {
            err.println(e.getMessage());
            return MISCONFIGURED;
        } catch (IOException e) {
            err.println(e.getMessage());
            return FAILED;
        }
    }

    private static OutboxOptions settings(Place place) throws ConfigException {
        if (place.config == null) {
            throw new IllegalStateException("BUG: neither --config nor --path");
        }
        return ConfigReader.read(place.config, AgentConfig.class).outbox();
    }

    @Command(
            name = "stats",
            mixinStandardHelpOptions = true,
            description = "How much is buffered, since when, what was lost.")
    int stats(
            @ArgGroup(multiplicity = "1") Place place,
            @Option(names = "--json", description = "as one JSON object") boolean json) {
        return run(place, (path, keys, out) -> {
            try (OutboxDoctor doctor = OutboxDoctor.open(path, keys)) {
                OutboxStats stats = doctor.stats();
                out.println(json ? json(stats) : text(stats));
                return 0;
            }
        });
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "The batches in order: sequence, readings, bytes, times, priority, the key that sealed them.")
    int list(
            @ArgGroup(multiplicity = "1") Place place,
            @Option(names = "--from", paramLabel = "SEQUENCE", defaultValue = "0", description = "begin here")
                    long from,
            @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "at most so many (100)")
                    long limit,
            @Option(names = "--json", description = "one JSON object per line") boolean json) {
        return run(place, (path, keys, out) -> {
            long[] left = {limit};
            try (OutboxDoctor doctor = OutboxDoctor.open(path, keys)) {
                doctor.forEach(from, (batch, sealedBy) -> {
                    if (left[0]-- > 0) {
                        out.println(json ? json(batch, sealedBy) : text(batch, sealedBy));
                    }
                    return left[0] > 0;
                });
            }
            return 0;
        });
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            description = "The readings, one JSON object per line: sequence, device, channel, times, value, quality.")
    int export(
            @ArgGroup(multiplicity = "1") Place place,
            @Option(names = "--from", paramLabel = "SEQUENCE", defaultValue = "0", description = "begin here")
                    long from) {
        return run(place, (path, keys, out) -> {
            boolean[] unreadable = {false};
            try (OutboxDoctor doctor = OutboxDoctor.open(path, keys)) {
                doctor.forEachOpened(from, (batch, sealedBy) -> {
                    unreadable[0] |= !export(batch, out);
                    return !out.checkError();
                });
            }
            return unreadable[0] ? DAMAGED : 0;
        });
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            description =
                    "Reads every byte and compares checksums and counters; changes nothing. Ends with 3 when it is damaged.")
    int verify(
            @ArgGroup(multiplicity = "1") Place place,
            @Option(names = "--json", description = "as one JSON object") boolean json) {
        return run(place, (path, keys, out) -> {
            OutboxDoctor.Verdict verdict = OutboxDoctor.verify(path, keys);
            if (json) {
                out.println(json(verdict));
            } else {
                out.println(verdict.batches() + " batches, " + verdict.readings() + " readings in " + verdict.files()
                        + " files: " + (verdict.problems().isEmpty() ? "well" : "damaged"));
                verdict.problems().forEach(out::println);
            }
            return verdict.problems().isEmpty() ? 0 : DAMAGED;
        });
    }

    @Command(
            name = "salvage",
            mixinStandardHelpOptions = true,
            description =
                    "Makes a fresh outbox, in a new epoch, of what is readable; the agent has to be stopped, and does"
                            + " the same by itself when it meets damage.")
    int salvage(
            @Option(
                            names = {"-c", "--config"},
                            required = true,
                            paramLabel = "FILE",
                            description = "the agent's configuration")
                    Path config,
            @Option(names = "--json", description = "as one JSON object") boolean json) {
        Place place = new Place();
        place.config = config;
        return run(place, (path, keys, out) -> {
            OutboxStats stats = OutboxDoctor.salvage(settings(place), keys, new SystemClock());
            out.println(json ? json(stats) : text(stats));
            return 0;
        });
    }

    // ---- output ----

    private static String time(long ns) {
        return ns == 0 ? "-" : Instant.ofEpochSecond(0, ns).toString();
    }

    private static String text(OutboxStats stats) {
        return """
                epoch            %d
                next sequence    %d
                oldest sequence  %d
                queued           %d readings in %d batches, %d bytes
                oldest           event time %s, taken %s
                evicted          %d full, %d age, %d thinned (into %d), %d damaged
                dead letters     %d
                on disk          %d bytes""".formatted(
                        stats.epoch(),
                        stats.nextSequence(),
                        stats.oldestSequence(),
                        stats.queuedReadings(),
                        stats.queuedBatches(),
                        stats.queuedBytes(),
                        time(stats.oldestEventTimeNs()),
                        time(stats.oldestEdgeTimeNs()),
                        stats.evictions().full(),
                        stats.evictions().age(),
                        stats.evictions().thinned(),
                        stats.evictions().summaries(),
                        stats.evictions().damaged(),
                        stats.deadLetters(),
                        stats.diskBytes());
    }

    private static String text(OutboxRecord batch, @Nullable String sealedBy) {
        return "%12d  %7d readings  %8d bytes  taken %s  events %s to %s  priority %d%s%s"
                .formatted(
                        batch.firstSequence(),
                        batch.batch().readings(),
                        batch.bytes(),
                        time(batch.batch().edgeTimeNs()),
                        time(batch.batch().oldestEventTimeNs()),
                        time(batch.batch().newestEventTimeNs()),
                        batch.batch().priority(),
                        batch.batch().thinned() ? "  thinned" : "",
                        sealedBy == null ? "" : "  sealed by " + sealedBy);
    }

    @FunctionalInterface
    private interface Filling {
        void to(JsonWriter json) throws IOException;
    }

    private static String object(Filling filling) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        JsonWriter json = new JsonWriter(bytes);
        json.beginObject();
        filling.to(json);
        json.endObject().flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static String json(OutboxStats stats) throws IOException {
        return object(json -> {
            json.name("epoch").value(stats.epoch());
            json.name("next_sequence").value(stats.nextSequence());
            json.name("oldest_sequence").value(stats.oldestSequence());
            json.name("queued_readings").value(stats.queuedReadings());
            json.name("queued_batches").value(stats.queuedBatches());
            json.name("queued_bytes").value(stats.queuedBytes());
            json.name("oldest_event_time").value(time(stats.oldestEventTimeNs()));
            json.name("oldest_edge_time").value(time(stats.oldestEdgeTimeNs()));
            json.name("evicted").beginObject();
            json.name("outbox-full").value(stats.evictions().full());
            json.name("max-age").value(stats.evictions().age());
            json.name("thinned").value(stats.evictions().thinned());
            json.name("damaged").value(stats.evictions().damaged());
            json.endObject();
            json.name("summary_readings").value(stats.evictions().summaries());
            json.name("dead_letters").value(stats.deadLetters());
            json.name("disk_bytes").value(stats.diskBytes());
        });
    }

    private static String json(OutboxRecord batch, @Nullable String sealedBy) throws IOException {
        return object(json -> {
            json.name("first_sequence").value(batch.firstSequence());
            json.name("readings").value(batch.batch().readings());
            json.name("bytes").value(batch.bytes());
            json.name("edge_time").value(time(batch.batch().edgeTimeNs()));
            json.name("oldest_event_time").value(time(batch.batch().oldestEventTimeNs()));
            json.name("newest_event_time").value(time(batch.batch().newestEventTimeNs()));
            json.name("priority").value(batch.batch().priority());
            json.name("thinned").value(batch.batch().thinned());
            json.name("sealed_by").value(sealedBy);
        });
    }

    private static String json(OutboxDoctor.Verdict verdict) throws IOException {
        return object(json -> {
            json.name("batches").value(verdict.batches());
            json.name("readings").value(verdict.readings());
            json.name("files").value(verdict.files());
            json.name("problems").beginArray();
            for (String problem : verdict.problems()) {
                json.value(problem);
            }
            json.endArray();
        });
    }

    /** @return false when the batch cannot be decoded */
    private boolean export(OutboxRecord stored, PrintWriter out) throws IOException {
        Batch batch;
        try {
            batch = BatchCodec.decode(stored.batch().bytes(), BatchLimits.DEFAULT);
        } catch (InvalidBatchException e) {
            spec.commandLine()
                    .getErr()
                    .println("batch at sequence " + stored.firstSequence() + " cannot be decoded: " + e.getMessage());
            return false;
        }
        long sequence = stored.firstSequence();
        for (ReadingCursor at = new ReadingCursor(batch); at.next(); sequence++) {
            long number = sequence;
            out.println(object(json -> {
                json.name("sequence").value(number);
                json.name("device").value(at.device().id());
                json.name("channel").value(at.channel().name());
                if (!at.channel().unit().isEmpty()) {
                    json.name("unit").value(at.channel().unit());
                }
                json.name("event_time").value(time(at.eventNs()));
                json.name("edge_time").value(time(at.edgeNs()));
                json.name("value");
                switch (at.channel().type()) {
                    case DOUBLE -> json.value(Double.longBitsToDouble(at.bits()));
                    case LONG -> json.value(at.bits());
                    case BOOL -> json.value(at.bits() != 0);
                    case STRING -> json.value(at.text());
                }
                json.name("quality").value(at.quality());
            }));
        }
        return true;
    }
}
