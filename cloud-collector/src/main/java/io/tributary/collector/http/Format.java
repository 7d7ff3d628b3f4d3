package io.tributary.collector.http;

import io.tributary.http.ProblemException;
import io.tributary.http.Request;
import java.util.Locale;

/** Forms of an answer. */
enum Format {
    JSON("application/json"),
    CSV("text/csv; charset=utf-8"),
    /** One JSON object per line. */
    NDJSON("application/x-ndjson"),
    /** JSON, with all channels of a device and event time in one row. */
    TABLE("application/json");

    private final String contentType;

    Format(String contentType) {
        this.contentType = contentType;
    }

    String contentType() {
        return contentType;
    }

    /** The parameter {@code format}, else the header Accept, else JSON. */
    static Format of(Request request) {
        String wanted = request.parameter("format");
        if (wanted != null) {
            for (Format format : values()) {
                if (format.name().toLowerCase(Locale.ROOT).equals(wanted)) {
                    return format;
                }
            }
            throw ProblemException.badParameter("format", wanted, "expected json, csv, ndjson or table");
        }
        String accept = request.header("Accept");
        if (accept != null && accept.contains("text/csv")) {
            return CSV;
        }
        return accept != null && accept.contains("application/x-ndjson") ? NDJSON : JSON;
    }
}
