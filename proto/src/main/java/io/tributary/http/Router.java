package io.tributary.http;

import io.tributary.config.Suggestion;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which handler answers which path: templates such as {@code /api/v1/devices/{device}}, where a parameter takes one
 * segment, percent-decoded, so that an ID with a slash is one segment too. Filled before the server starts, read by the
 * event loop afterwards.
 */
public final class Router {
    private final List<Route> routes = new ArrayList<>();

    /** @param lane which threads run the handler */
    record Route(String method, String template, List<String> segments, Lane lane, Access access, HttpHandler handler) {
        int parameterCount() {
            int count = 0;
            for (String segment : segments) {
                count += isParameter(segment) ? 1 : 0;
            }
            return count;
        }

        @Nullable
        Map<String, String> match(List<String> path) {
            if (path.size() != segments.size()) {
                return null;
            }
            Map<String, String> parameters = new LinkedHashMap<>();
            for (int i = 0; i < path.size(); i++) {
                String segment = segments.get(i);
                if (isParameter(segment) && !path.get(i).isEmpty()) {
                    parameters.put(segment.substring(1, segment.length() - 1), path.get(i));
                } else if (!segment.equals(path.get(i))) {
                    return null;
                }
            }
            return parameters;
        }

        private static boolean isParameter(String segment) {
            return segment.startsWith("{") && segment.endsWith("}");
        }
    }

    enum Lane {
        WORKERS,
        /** One thread of its own, so that a probe is answered while every worker is busy. */
        PROBES,
        /** A thread for each, within a bound. */
        STREAMS
    }

    record Match(Route route, Map<String, String> parameters) {}

    /** GET, and HEAD as a GET whose body is left out. */
    public Router get(String template, HttpHandler handler) {
        return add("GET", template, Lane.WORKERS, Access.READ, handler);
    }

    /** A GET that is answered at once, without waiting behind other requests: metrics. */
    public Router probe(String template, HttpHandler handler) {
        return add("GET", template, Lane.PROBES, Access.READ, handler);
    }

    /** A probe that anybody may ask: health. */
    public Router openProbe(String template, HttpHandler handler) {
        return add("GET", template, Lane.PROBES, Access.OPEN, handler);
    }

    /** @param method in capitals; asks for {@link Access#WRITE} */
    public Router route(String method, String template, HttpHandler handler) {
        return add(method, template, Lane.WORKERS, Access.WRITE, handler);
    }

    /** A GET whose answer goes on for as long as the client listens: it takes no worker from the others. */
    public Router stream(String template, HttpHandler handler) {
        return add("GET", template, Lane.STREAMS, Access.READ, handler);
    }

    /** @param method in capitals */
    public Router route(String method, String template, Access access, HttpHandler handler) {
        return add(method, template, Lane.WORKERS, access, handler);
    }

    private Router add(String method, String template, Lane lane, Access access, HttpHandler handler) {
        if (!template.startsWith("/")) {
            throw new IllegalArgumentException("route \"" + template + "\", expected a leading slash");
        }
        for (Route route : routes) {
            if (route.method.equals(method) && route.template.equals(template)) {
                throw new IllegalArgumentException("route " + method + " " + template + " is there twice");
            }
        }
        List<String> segments = Arrays.asList(template.substring(1).split("/", -1));
        routes.add(new Route(method, template, segments, lane, access, handler));
        return this;
    }

    /** @throws ProblemException 404 or 405 */
    Match match(String method, String path, List<String> segments) {
        String wanted = method.equals("HEAD") ? "GET" : method;
        Match best = null;
        boolean known = false;
        for (Route route : routes) {
            Map<String, String> parameters = route.match(segments);
            known |= parameters != null;
            if (parameters != null
                    && route.method.equals(wanted)
                    && (best == null || route.parameterCount() < best.route.parameterCount())) {
                best = new Match(route, parameters);
            }
        }
        if (best != null) {
            return best;
        }
        if (!known) {
            throw notFound(path);
        }
        String allowed = allowed(segments);
        throw new ProblemException(
                        405,
                        "Method not allowed",
                        "method " + ProblemException.quoted(method) + " at " + path + ", expected one of " + allowed)
                .withHeader("Allow", allowed);
    }

    /** Methods that the path knows, as the Allow header lists them; empty when the path is unknown. */
    String allowed(List<String> segments) {
        TreeSet<String> methods = new TreeSet<>();
        for (Route route : routes) {
            if (route.match(segments) != null) {
                methods.add(route.method);
                methods.add("OPTIONS");
                if (route.method.equals("GET")) {
                    methods.add("HEAD");
                }
            }
        }
        return String.join(", ", methods);
    }

    private ProblemException notFound(String path) {
        TreeSet<String> templates = new TreeSet<>();
        for (Route route : routes) {
            templates.add(route.template);
        }
        return new ProblemException(
                404, "Not found", "nothing is at " + ProblemException.quoted(path) + Suggestion.of(path, templates));
    }
}
