package io.tributary.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An error that the client is told, as problem JSON (RFC 9457). Stackless: it is an answer, not a fault. */
public final class ProblemException extends RuntimeException {
    public static final String CONTENT_TYPE = "application/problem+json";
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String title;
    private final String detail;
    private final transient Map<String, String> members = new LinkedHashMap<>();
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    /**
     * @param title the kind of problem in a few words, the same at every occurrence
     * @param detail a sentence with value, expectation and place
     */
    public ProblemException(int status, String title, String detail) {
        super(status + " " + title + ": " + detail, null, false, false);
        this.status = status;
        this.title = title;
        this.detail = detail;
    }

    public static ProblemException badRequest(String detail) {
        return new ProblemException(400, "Bad request", detail);
    }

    /** A query parameter that cannot be understood. */
    public static ProblemException badParameter(String name, String value, String expectation) {
        return badRequest("parameter " + name + " is " + quoted(value) + ", " + expectation)
                .with("parameter", name);
    }

    /** A value from outside, in quotes, cut and without control characters: fit for a message. */
    public static String quoted(String value) {
        StringBuilder shown = new StringBuilder(Math.min(value.length(), 100) + 3).append('"');
        for (int i = 0; i < value.length() && i < 100; i++) {
            char c = value.charAt(i);
            shown.append(c < 0x20 || c == 0x7f ? '?' : c);
        }
        return shown.append(value.length() > 100 ? "…\"" : "\"").toString();
    }

    /** Adds an extension member. */
    public ProblemException with(String member, String value) {
        members.put(member, value);
        return this;
    }

    /** Adds a header to the answer. */
    public ProblemException withHeader(String name, String value) {
        headers.put(name, value);
        return this;
    }

    public int status() {
        return status;
    }

    public String title() {
        return title;
    }

    public String detail() {
        return detail;
    }

    Map<String, String> headers() {
        return headers;
    }

    /** @param path of the request; null when it could not be read */
    byte[] body(@Nullable String path) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
        try {
            JsonWriter json = new JsonWriter(bytes);
            json.beginObject();
            json.name("type").value("about:blank");
            json.name("title").value(title);
            json.name("status").value(status);
            json.name("detail").value(detail);
            if (path != null) {
                json.name("instance").value(path);
            }
            for (Map.Entry<String, String> member : members.entrySet()) {
                json.name(member.getKey()).value(member.getValue());
            }
            json.endObject().newline();
            json.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
