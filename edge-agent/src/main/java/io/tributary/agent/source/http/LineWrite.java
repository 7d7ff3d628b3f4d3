package io.tributary.agent.source.http;

import io.tributary.agent.decode.Line;
import io.tributary.agent.decode.LineMapping;
import io.tributary.agent.decode.LineProtocol;
import io.tributary.agent.decode.MalformedException;
import io.tributary.agent.decode.Precision;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A body of line protocol: what of it is readings, and what is not. As with InfluxDB, good lines are taken also when
 * others are bad, since its clients do not send a refused body again.
 */
final class LineWrite {
    /** Kept of the bad lines of one body. */
    private static final int BAD_BYTES_MAX = 64 << 10;

    private final Batch batch;
    private final int badLines;
    private final int firstBadLine;
    private final String firstDetail;
    private final byte[] bad;

    private LineWrite(Batch batch, int badLines, int firstBadLine, String firstDetail, byte[] bad) {
        this.batch = batch;
        this.badLines = badLines;
        this.firstBadLine = firstBadLine;
        this.firstDetail = firstDetail;
        this.bad = bad;
    }

    static LineWrite read(byte[] body, LineMapping mapping, ArrivalStamps arrivals) {
        LineProtocol parser = new LineProtocol();
        BatchBuilder batch = new BatchBuilder();
        ByteArrayOutputStream bad = new ByteArrayOutputStream();
        PhysicalLines lines = new PhysicalLines(body);
        int badLines = 0;
        int firstLine = 0;
        String firstDetail = "";
        parser.begin(body, 0, body.length);
        boolean more = true;
        while (more) {
            try {
                Line line = parser.next();
                more = line != null;
                if (line != null) {
                    mapping.add(line, line.time() == Line.NO_TIME ? arrivals.next() : 0, batch);
                }
            } catch (MalformedException e) {
                if (badLines++ == 0) {
                    firstLine = parser.lineNumber();
                    firstDetail = String.valueOf(e.getMessage());
                }
                lines.copy(parser.lineNumber(), bad, BAD_BYTES_MAX);
            }
        }
        return new LineWrite(batch.build(), badLines, firstLine, firstDetail, bad.toByteArray());
    }

    Batch batch() {
        return batch;
    }

    int badLines() {
        return badLines;
    }

    /** The bad lines, each with its break, as far as the bound goes. */
    byte[] bad() {
        return bad;
    }

    String detail() {
        return "line " + firstBadLine + ": " + firstDetail
                + (badLines > 1 ? "; " + (badLines - 1) + " more lines were not understood" : "");
    }

    ProblemException problem() {
        return ProblemException.badRequest(
                        detail() + ". The other lines are taken: " + batch.readingCount() + " readings")
                .with("line", String.valueOf(firstBadLine));
    }

    /** @throws ProblemException 400 for what is no precision of any InfluxDB, or one that no sensor has */
    static Precision precision(Request request, Precision otherwise) {
        String asked = request.parameter("precision");
        return asked == null ? otherwise : precision(asked);
    }

    private static Precision precision(String asked) {
        return switch (asked) {
            case "ns", "n" -> Precision.NS;
            case "us", "u", "µ", "µs" -> Precision.US;
            case "ms" -> Precision.MS;
            case "s" -> Precision.S;
            default -> throw ProblemException.badParameter("precision", asked, "expected one of ns, us, ms, s");
        };
    }

    /** Finds lines by their numbers, each once, in ascending order. */
    private static final class PhysicalLines {
        private final byte[] body;
        private int at;
        private int number = 1;

        PhysicalLines(byte[] body) {
            this.body = body;
        }

        void copy(int line, ByteArrayOutputStream to, int bytesMax) {
            while (number < line && at < body.length) {
                if (body[at++] == '\n') {
                    number++;
                }
            }
            int end = at;
            while (end < body.length && body[end] != '\n') {
                end++;
            }
            int length = Math.min(end - at, Math.max(0, bytesMax - 1 - to.size()));
            if (length > 0) {
                to.write(body, at, length);
                to.write('\n');
            }
        }
    }

    /** The mapping with another precision. */
    static LineMapping with(LineMapping mapping, @Nullable Precision precision) {
        return precision == null || precision == mapping.precision()
                ? mapping
                : new LineMapping(mapping.deviceTag(), mapping.channel(), precision);
    }
}
