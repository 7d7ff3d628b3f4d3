package io.tributary.sim.link;

import io.tributary.sim.row.Row;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code POST /write} with line protocol, one request per delivery, over a connection that is kept. 2xx: accepted; 429
 * and 5xx: once more; everything else: refused.
 */
final class HttpWire implements Wire {
    private static final int LINE_BYTES_MAX = 16 << 10;
    private static final int BODY_BYTES_MAX = 1 << 20;
    private static final long RETRY_MILLIS = 500;

    private final LineWire lines = new LineWire();
    private final String host;

    /** @param host for the header */
    HttpWire(String host) {
        this.host = host;
    }

    @Override
    public @Nullable String whyUnsendable(Row row) {
        return lines.whyUnsendable(row);
    }

    @Override
    public Delivery.Encoded encode(long id, List<Row> rows) {
        // Rows are settled together: a request is taken or refused as a whole.
        return new Delivery.Encoded(lines.encode(id, rows).bytes(), new int[0]);
    }

    @Override
    public Session open(InputStream in, OutputStream out) {
        return new HttpSession(in, out);
    }

    private final class HttpSession implements Session {
        private final InputStream in;
        private final OutputStream out;
        /** Requests are answered in their order. */
        private final BlockingQueue<Delivery> unanswered = new ArrayBlockingQueue<>(1 << 16);

        HttpSession(InputStream in, OutputStream out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public void write(Delivery delivery, int fromRow) throws IOException {
            unanswered.add(delivery);
            byte[] body = delivery.bytes();
            out.write(("POST /write?precision=ns HTTP/1.1\r\nHost: " + host
                            + "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: " + body.length
                            + "\r\n\r\n")
                    .getBytes(StandardCharsets.US_ASCII));
            out.write(body);
        }

        @Override
        public List<Outcome> read() throws IOException {
            String status = line();
            String[] words = status.split(" ", 3);
            if (words.length < 2 || !words[0].startsWith("HTTP/1.")) {
                throw new IOException("\"" + status + "\", expected a status line of HTTP/1.1");
            }
            int code = number(words[1], status);
            int length = 0;
            long retryMillis = RETRY_MILLIS;
            boolean chunked = false;
            boolean last = false;
            for (String header = line(); !header.isEmpty(); header = line()) {
                String lower = header.toLowerCase(Locale.ROOT);
                if (lower.startsWith("content-length:")) {
                    length = number(lower.substring(15).strip(), header);
                } else if (lower.startsWith("transfer-encoding:")) {
                    chunked = lower.contains("chunked");
                } else if (lower.startsWith("retry-after:")) {
                    retryMillis =
                            TimeUnit.SECONDS.toMillis(number(lower.substring(12).strip(), header));
                } else if (lower.startsWith("connection:")) {
                    last = lower.contains("close");
                }
            }
            String body = body(length, chunked);
            Delivery delivery = unanswered.poll();
            if (delivery == null) {
                throw new IOException("an answer without a request: " + status);
            }
            Outcome.Kind kind = code >= 200 && code < 300
                    ? Outcome.Kind.ACCEPTED
                    : code == 429 || code >= 500 ? Outcome.Kind.RETRY : Outcome.Kind.REJECTED;
            if (last && kind == Outcome.Kind.RETRY) {
                throw new EOFException("closed by the agent after " + status);
            }
            return List.of(new Outcome(delivery, 0, delivery.rowCount(), kind, status + ": " + body, retryMillis));
        }

        private String body(int length, boolean chunked) throws IOException {
            if (!chunked) {
                return text(length);
            }
            StringBuilder body = new StringBuilder();
            while (true) {
                String size = line();
                int bytes;
                try {
                    bytes = Integer.parseInt(size, 16);
                } catch (NumberFormatException e) {
                    throw new IOException("chunk of \"" + size + "\" bytes, expected a hexadecimal number", e);
                }
                body.append(text(bytes));
                line();
                if (bytes == 0) {
                    return body.toString();
                }
            }
        }

        private String text(int length) throws IOException {
            if (length < 0 || length > BODY_BYTES_MAX) {
                throw new IOException("a body of " + length + " bytes, expected at most " + BODY_BYTES_MAX);
            }
            byte[] bytes = in.readNBytes(length);
            if (bytes.length < length) {
                throw new EOFException("closed by the agent");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder();
            for (int b = in.read(); b != '\n'; b = in.read()) {
                if (b < 0) {
                    throw new EOFException("closed by the agent");
                } else if (line.length() > LINE_BYTES_MAX) {
                    throw new IOException("a header longer than " + LINE_BYTES_MAX + " bytes");
                } else if (b != '\r') {
                    line.append((char) b);
                }
            }
            return line.toString();
        }

        private static int number(String word, String line) throws IOException {
            try {
                return Integer.parseInt(word);
            } catch (NumberFormatException e) {
                throw new IOException("\"" + line + "\", expected a number", e);
            }
        }
    }
}
