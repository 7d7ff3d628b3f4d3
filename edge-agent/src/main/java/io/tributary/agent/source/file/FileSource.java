package io.tributary.agent.source.file;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.source.Intake;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Refusal;
import io.tributary.agent.source.Source;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a file: reads the lines that are complete, group by group, and moves its position on when they are safe.
 *
 * <pre>
 * position (fsync) -> group of lines -> decoder -> intake, dead letters -> fsynced -> next position
 * another file at the path: the old one is read to its end, then the new one from its beginning
 * shorter than the position: it was emptied, from the beginning
 * </pre>
 *
 * One thread, {@code source-NAME}.
 */
final class FileSource implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(FileSource.class);
    private static final long CLOSE_WAIT_MILLIS = 5_000;
    private static final String GONE = "is not there";

    private final FileConfig config;
    private final MessageReader reader;
    private final PositionFile positions;
    private final Clock clock;
    private final FileMetrics metrics;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Handover handover;
    private final byte[] scratch = new byte[LineGroup.BYTES];
    private @Nullable Thread thread;

    // Of the thread.
    private @Nullable OpenFile file;
    private long offset;
    /** Of the line at the offset when it was stamped before a crash, else 0. */
    private long stampNs;

    private long lastStampNs;
    private boolean saved;
    /** As it was last written, to notice that the file has become another one in place. */
    private PositionFile.@Nullable Position written;
    /** Of a file that was replaced: when a whole poll has added nothing, its writer has let go of it. */
    private long quietSize = -1;

    private byte @Nullable [] header;
    private String failure = "";

    FileSource(
            FileConfig config,
            MessageReader reader,
            PositionFile positions,
            Intake intake,
            Clock clock,
            FileMetrics metrics) {
        this.config = config;
        this.reader = reader;
        this.positions = positions;
        this.clock = clock;
        this.metrics = metrics;
        this.handover = new Handover(config.name(), config.durability(), intake, closing);
    }

    @Override
    public String name() {
        return config.name();
    }

    @Override
    public String endpoint() {
        return config.path().toString();
    }

    /** The file need not be there yet. */
    @Override
    public void start() throws IOException {
        PositionFile.Position position = positions.read();
        metrics.lines.labelValues(config.name()).inc(0);
        Thread follower = new Thread(() -> run(position), "source-" + config.name());
        follower.setDaemon(true);
        follower.start();
        thread = follower;
    }

    private void run(PositionFile.@Nullable Position from) {
        try {
            PositionFile.Position begin = from;
            boolean begun = false;
            do {
                try {
                    if (!begun) {
                        begin(begin);
                        begun = file != null;
                        begin = begun ? null : begin;
                    }
                    follow();
                    worked();
                } catch (IOException e) {
                    failed(e);
                }
            } while (!closing.await(config.poll().toMillis(), TimeUnit.MILLISECONDS));
        } catch (Handover.NotTaken e) {
            LOG.debug("source {}: closed before its last lines were taken", config.name(), e);
        } catch (InterruptedException e) {
            LOG.debug("source {}: interrupted", config.name(), e);
        } finally {
            closeFile();
        }
    }

    // ---- which file ----

    private void begin(PositionFile.@Nullable Position position) throws IOException {
        if (position != null) {
            OpenFile found = find(position);
            if (found != null) {
                file = found;
                offset = position.offset();
                stampNs = position.stampNs();
                written = position;
                saved = true;
                return;
            }
        }
        if (!Files.exists(config.path())) {
            throw new IOException(config.path() + " " + GONE);
        }
        OpenFile opened = OpenFile.open(config.path());
        if (position != null) {
            metrics.lostFiles.labelValues(config.name()).inc();
            LOG.warn("source {}: the file that was read is gone, {} is another one", config.name(), config.path());
        }
        boolean atEnd = position == null && config.from() == FileConfig.From.END;
        open(opened, atEnd ? opened.size() : 0);
    }

    /** The file of a position: at the path, or beside it under another name, where rotation has put it. */
    private @Nullable OpenFile find(PositionFile.Position position) throws IOException {
        Path directory = config.path().toAbsolutePath().getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            return null;
        }
        String stem = String.valueOf(config.path().getFileName());
        try (DirectoryStream<Path> beside = Files.newDirectoryStream(directory)) {
            for (Path each : beside) {
                boolean related = String.valueOf(each.getFileName()).startsWith(stem);
                if (related && Files.isRegularFile(each) && OpenFile.key(each).equals(position.key())) {
                    OpenFile opened = OpenFile.open(each);
                    if (opened.has(position)) {
                        return opened;
                    }
                    opened.close();
                }
            }
        }
        return null;
    }

    private void open(OpenFile opened, long from) {
        closeFile();
        file = opened;
        quietSize = -1;
        restart(from);
    }

    private void restart(long from) {
        offset = from;
        stampNs = 0;
        saved = false;
        written = null;
        header = null;
    }

    private void closeFile() {
        try {
            if (file != null) {
                file.close();
                file = null;
            }
        } catch (IOException e) {
            LOG.debug("source {}: closing {}", config.name(), config.path(), e);
        }
    }

    /** Takes all that is there, of the file at hand and of those that came after it. */
    private void follow() throws IOException, InterruptedException, Handover.NotTaken {
        OpenFile current = file;
        while (current != null && closing.getCount() > 0) {
            PositionFile.Position last = written;
            if (current.size() < offset || (last != null && !current.has(last))) {
                metrics.truncations.labelValues(config.name()).inc();
                LOG.info("source {}: {} was emptied, reading from its beginning", config.name(), config.path());
                restart(0);
            }
            boolean replaced =
                    Files.exists(config.path()) && !OpenFile.key(config.path()).equals(current.key());
            long size = current.size();
            boolean quiet = replaced && size == quietSize;
            quietSize = replaced ? size : -1;
            boolean all = takeAll(current, quiet);
            if (!quiet || !all) {
                return;
            }
            metrics.rotations.labelValues(config.name()).inc();
            open(OpenFile.open(config.path()), 0);
            current = file;
        }
    }

    // ---- its lines ----

    /** @return whether nothing is left of it */
    private boolean takeAll(OpenFile current, boolean isFinal)
            throws IOException, InterruptedException, Handover.NotTaken {
        while (closing.getCount() > 0) {
            metrics.behindBytes.labelValues(config.name()).set(Math.max(0, current.size() - offset));
            if (config.header() && header == null) {
                header = current.firstLine(config.lineBytesMax().intBytes());
                if (header == null) {
                    return isFinal;
                }
            }
            LineGroup group =
                    LineGroup.read(current, offset, config.lineBytesMax().intBytes(), isFinal, scratch);
            if (group.end() == group.begin()) {
                save(current);
                return true;
            }
            take(current, group);
        }
        return false;
    }

    private void take(OpenFile current, LineGroup group) throws IOException, InterruptedException, Handover.NotTaken {
        long stamp = stampNs;
        if (stamp == 0) {
            stamp = Math.max(clock.wallNs(), lastStampNs + 1);
            write(current.position(offset, stamp));
        }
        lastStampNs = stamp + group.lines().size();
        BatchBuilder batch = new BatchBuilder();
        for (int i = 0; i < group.lines().size(); i++) {
            boolean isHeader = config.header() && offset == 0 && i == 0;
            if (!isHeader) {
                line(group.lines().get(i), stamp + i, batch);
            }
        }
        Batch readings = batch.build();
        if (readings.readingCount() > 0) {
            Refusal refusal = handover.take(readings);
            if (refusal != null) {
                oneByOne(group, stamp);
            }
        }
        metrics.lines.labelValues(config.name()).inc(group.lines().size());
        offset = group.end();
        stampNs = 0;
        saved = false;
    }

    private void line(LineGroup.Line line, long stamp, BatchBuilder into)
            throws InterruptedException, Handover.NotTaken {
        if (line.bytes().length == 0) {
            return;
        }
        MessageReader.Result read = line.whole()
                ? reader.read("", withHeader(line.bytes()))
                : new MessageReader.Result(
                        null, MessageReader.MALFORMED, "line is longer than " + config.lineBytesMax());
        Batch batch = read.batch();
        if (batch != null) {
            into.append(batch, stamp);
            return;
        }
        metrics.malformed.labelValues(config.name()).inc();
        letter(read.cause(), read.detail() + ", in " + config.path(), line.bytes());
    }

    private byte[] withHeader(byte[] line) {
        byte[] first = header;
        if (first == null) {
            return line;
        }
        byte[] both = Arrays.copyOf(first, first.length + 1 + line.length);
        both[first.length] = '\n';
        System.arraycopy(line, 0, both, first.length + 1, line.length);
        return both;
    }

    /** The intake will never take the group as a whole: the culprit becomes a dead letter. */
    private void oneByOne(LineGroup group, long stamp) throws InterruptedException, Handover.NotTaken {
        for (int i = 0; i < group.lines().size(); i++) {
            LineGroup.Line line = group.lines().get(i);
            Batch read = line.whole() && line.bytes().length > 0
                    ? reader.read("", withHeader(line.bytes())).batch()
                    : null;
            if (read == null || read.readingCount() == 0) {
                continue;
            }
            BatchBuilder single = new BatchBuilder();
            single.append(read, stamp + i);
            Refusal refusal = handover.take(single.build());
            if (refusal != null) {
                letter(refusal.cause(), refusal.detail() + ", in " + config.path(), line.bytes());
            }
        }
    }

    private void letter(String cause, String detail, byte[] payload) throws InterruptedException, Handover.NotTaken {
        Refusal refusal = handover.deadLetter(cause, detail, payload);
        if (refusal != null) {
            LOG.warn("source {}: a line is lost: {}, {}", config.name(), detail, refusal.detail());
        }
    }

    /** Nothing more is there: what was taken is told to the disk, too. */
    private void save(OpenFile current) throws IOException {
        if (!saved) {
            write(current.position(offset, 0));
            saved = true;
        }
    }

    private void write(PositionFile.Position position) throws IOException {
        positions.write(position);
        written = position;
    }

    // ---- failures, each told once ----

    private void failed(IOException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.endsWith(GONE)) {
            metrics.failures.labelValues(config.name()).inc();
        }
        if (!why.equals(failure)) {
            failure = why;
            LOG.warn(
                    "source {}: {}; trying again every {} ms",
                    config.name(),
                    why,
                    config.poll().toMillis());
        }
    }

    private void worked() {
        if (!failure.isEmpty()) {
            failure = "";
            LOG.info("source {}: reading {}", config.name(), config.path());
        }
    }

    @Override
    public void close() {
        closing.countDown();
        Thread follower = thread;
        if (follower == null) {
            return;
        }
        try {
            follower.join(CLOSE_WAIT_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
