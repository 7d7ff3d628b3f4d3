package io.tributary.http;

import io.netty.handler.codec.http.HttpHeaders;
import io.tributary.config.Suggestion;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A complete request. Immutable but for the body's bytes, which are not copied. */
public final class Request {
    private final String method;
    private final String path;
    private final Map<String, String> pathParameters;
    private final Map<String, List<String>> parameters;
    private final HttpHeaders headers;
    private final byte[] body;
    private final Caller caller;

    Request(
            String method,
            String path,
            Map<String, String> pathParameters,
            Map<String, List<String>> parameters,
            HttpHeaders headers,
            byte[] body,
            Caller caller) {
        this.method = method;
        this.path = path;
        this.pathParameters = pathParameters;
        this.parameters = parameters;
        this.headers = headers;
        this.body = body;
        this.caller = caller;
    }

    /** Who asks. */
    public Caller caller() {
        return caller;
    }

    public String method() {
        return method;
    }

    /** As it was sent, percent-encoded, without the query. */
    public String path() {
        return path;
    }

    /** Decoded value of {@code {name}} in the route's template. */
    public String pathParameter(String name) {
        String value = pathParameters.get(name);
        if (value == null) {
            throw new IllegalStateException("BUG: the route has no path parameter " + name);
        }
        return value;
    }

    /** Decoded query parameters by name, in the order of appearance. */
    public Map<String, List<String>> parameters() {
        return parameters;
    }

    /** Every value of a parameter; empty when it is absent. */
    public List<String> parameters(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    /**
     * The value of a parameter that may be given once; null when it is absent.
     *
     * @throws ProblemException 400 when it is given several times
     */
    public @Nullable String parameter(String name) {
        List<String> values = parameters(name);
        if (values.size() > 1) {
            throw ProblemException.badRequest(
                            "parameter " + name + " is given " + values.size() + " times, expected once")
                    .with("parameter", name);
        }
        return values.isEmpty() ? null : values.get(0);
    }

    /** @throws ProblemException 400 naming the first parameter that is not known, and the one that was meant */
    public void expectParameters(String... known) {
        Set<String> names = new TreeSet<>(Arrays.asList(known));
        for (String name : parameters.keySet()) {
            if (!names.contains(name)) {
                throw ProblemException.badRequest("unknown parameter " + ProblemException.quoted(name)
                        + (names.isEmpty() ? ", expected none at " + path : Suggestion.of(name, names)));
            }
        }
    }

    /** The first field of this name, whatever its case; null when there is none. */
    public @Nullable String header(String name) {
        return headers.get(name);
    }

    /** Empty when there is none. */
    public byte[] body() {
        return body;
    }

    public String bodyText() {
        return new String(body, StandardCharsets.UTF_8);
    }
}
