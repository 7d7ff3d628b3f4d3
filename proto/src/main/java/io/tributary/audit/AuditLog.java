package io.tributary.audit;

import io.tributary.http.JsonWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of JSON lines, appended to by this program and by the command line beside it. Beyond its size it becomes
 * {@code NAME.1}, which replaces the one before: at most twice the size is on disk.
 *
 * <p>What is allowed is on disk before it takes effect ({@link #append} forces); what is refused is forced with the next
 * allowed event at the latest, so that a flood of refusals costs no fsync each. Nor does it push everything else out of the
 * file: after {@value #REFUSALS_BURST} of them {@value #REFUSALS_PER_SECOND} a second are written, and the next line tells
 * how many were left out. Any thread.
 */
public final class AuditLog {
    private static final Logger LOG = LoggerFactory.getLogger(AuditLog.class);
    private static final int VALUE_CHARS_MAX = 500;

    private static final int REFUSALS_BURST = 1_000;
    private static final int REFUSALS_PER_SECOND = 10;
    private static final double NANOS_PER_SECOND = 1e9;

    private final Path file;
    private final long bytesMax;
    private final InstantSource clock;
    // Guarded by this.
    private double refusalsLeft = REFUSALS_BURST;
    private Instant refilled = Instant.EPOCH;
    private long leftOut;

    /** @param bytesMax of the file, before it is put aside */
    public AuditLog(Path file, long bytesMax, InstantSource clock) {
        this.file = file;
        this.bytesMax = bytesMax;
        this.clock = clock;
    }

    /**
     * Writes a line.
     *
     * @throws IOException it cannot be written: what needs an audit line must not happen then
     */
    public synchronized void append(AuditEvent event) throws IOException {
        byte[] line = line(event);
        putAsideWhenLarge(line.length);
        boolean fresh = !Files.exists(file);
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.APPEND)) {
            if (fresh) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
            }
            ByteBuffer bytes = ByteBuffer.wrap(line);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            leftOut = 0;
            if (event.allowed()) {
                channel.force(false);
            }
        }
    }

    /** For refusals: what cannot be written is said in the program's log, and the refusal stands. */
    public synchronized void refused(AuditEvent event) {
        if (!mayWriteRefusal()) {
            leftOut++;
            return;
        }
        try {
            append(event);
        } catch (IOException e) {
            LOG.error(
                    "the audit log {} cannot be written: {} by {}: {}",
                    file,
                    event.action(),
                    event.who(),
                    e.toString());
        }
    }

    private boolean mayWriteRefusal() {
        Instant now = clock.instant();
        if (refilled.isBefore(now)) {
            double seconds = Duration.between(refilled, now).toNanos() / NANOS_PER_SECOND;
            refusalsLeft = Math.min(REFUSALS_BURST, refusalsLeft + seconds * REFUSALS_PER_SECOND);
        }
        refilled = now;
        if (refusalsLeft < 1) {
            return false;
        }
        refusalsLeft--;
        return true;
    }

    private void putAsideWhenLarge(int more) throws IOException {
        if (Files.exists(file) && Files.size(file) + more > bytesMax) {
            Files.move(
                    file,
                    file.resolveSibling(file.getFileName() + ".1"),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private byte[] line(AuditEvent event) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        JsonWriter json = new JsonWriter(bytes);
        json.beginObject();
        json.name("time").value(clock.instant().toString());
        json.name("who").value(cut(event.who()));
        json.name("action").value(event.action());
        json.name("outcome").value(event.allowed() ? "allowed" : "refused");
        for (Map.Entry<String, String> detail : event.details().entrySet()) {
            json.name(detail.getKey()).value(cut(detail.getValue()));
        }
        if (leftOut > 0) {
            json.name("refusals_left_out_before").value(leftOut);
        }
        json.endObject().newline();
        json.flush();
        return bytes.toByteArray();
    }

    private static String cut(String value) {
        return value.length() <= VALUE_CHARS_MAX ? value : value.substring(0, VALUE_CHARS_MAX) + "…";
    }
}
