package io.tributary.collector.http;

import io.tributary.http.Request;
import io.tributary.http.Response;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells how an answer goes on. */
final class NextPage {
    /** A page that has a limit ends early when it grows beyond this; times the workers is what pages take in memory. */
    static final int PAGE_BYTES = 2 << 20;

    static final int LIMIT_MAX = 1_000_000;

    private NextPage() {}

    /** Sets the headers {@code Tributary-Next} and {@code Link}. */
    static void tell(Request request, Response response, String token) {
        response.header("Tributary-Next", token);
        response.header("Link", "<" + url(request, token) + ">; rel=\"next\"");
    }

    /** The same request with the token, as a path with a query. */
    private static String url(Request request, String token) {
        List<String> pairs = new ArrayList<>();
        for (Map.Entry<String, List<String>> parameter : request.parameters().entrySet()) {
            if (!parameter.getKey().equals("next")) {
                for (String value : parameter.getValue()) {
                    pairs.add(parameter.getKey() + "=" + encoded(value));
                }
            }
        }
        pairs.add("next=" + token);
        return request.path() + "?" + String.join("&", pairs);
    }

    private static String encoded(@Nullable String value) {
        return URLEncoder.encode(String.valueOf(value), StandardCharsets.UTF_8);
    }
}
