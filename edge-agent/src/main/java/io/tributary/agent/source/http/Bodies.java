package io.tributary.agent.source.http;

import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** Bodies as they were meant: inflated, within a bound that is held while inflating. */
final class Bodies {
    private static final int CHUNK_BYTES = 16 << 10;

    private Bodies() {}

    /** @throws ProblemException 400 when it is no gzip, 413 when it gets too large, 415 for other encodings */
    static byte[] read(Request request, int inflatedBytesMax) {
        String encoding = lower(request.header("Content-Encoding"));
        if (encoding.isEmpty() || encoding.equals("identity")) {
            return request.body();
        }
        if (!encoding.equals("gzip")) {
            throw new ProblemException(
                            415,
                            "Unsupported encoding",
                            "Content-Encoding is " + ProblemException.quoted(encoding) + ", expected gzip or none")
                    .withHeader("Accept-Encoding", "gzip");
        }
        ByteArrayOutputStream inflated = new ByteArrayOutputStream(2 * request.body().length);
        byte[] chunk = new byte[CHUNK_BYTES];
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(request.body()), CHUNK_BYTES)) {
            for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                if (inflated.size() + count > inflatedBytesMax) {
                    throw new ProblemException(
                            413,
                            "Too large",
                            "the body inflates to more than " + inflatedBytesMax + " bytes, send less at a time");
                }
                inflated.write(chunk, 0, count);
            }
        } catch (IOException e) {
            throw ProblemException.badRequest("the body cannot be inflated: " + e.getMessage());
        }
        return inflated.toByteArray();
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.trim().toLowerCase(Locale.ROOT);
    }
}
