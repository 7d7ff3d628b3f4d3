package io.tributary.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RouterTest {
    private static final HttpHandler NOTHING = (request, response) -> {};

    private final Router router = new Router()
            .get("/", NOTHING)
            .get("/agents/{agent}", NOTHING)
            .get("/agents/all", NOTHING)
            .get("/agents/{agent}/gaps", NOTHING)
            .route("POST", "/write", NOTHING);

    private String match(String method, String path) {
        Router.Match match = router.match(method, path, UriText.segments(path));
        return match.route().template() + match.parameters();
    }

    @Test
    void path_findsItsTemplate() {
        assertThat(match("GET", "/")).isEqualTo("/{}");
        assertThat(match("GET", "/agents/edge%201")).isEqualTo("/agents/{agent}{agent=edge 1}");
        assertThat(match("GET", "/agents/a%2Fb/gaps")).isEqualTo("/agents/{agent}/gaps{agent=a/b}");
    }

    @Test
    void literalTemplate_winsOverParameter() {
        assertThat(match("HEAD", "/agents/all")).isEqualTo("/agents/all{}");
    }

    @Test
    void unknownPathOrMethod_isRefused() {
        assertThatThrownBy(() -> match("GET", "/agents/")).hasMessageContaining("404 Not found");
        assertThatThrownBy(() -> match("GET", "/agent/all")).hasMessageContaining("did you mean");
        assertThatThrownBy(() -> match("GET", "/write"))
                .hasMessageContaining("405")
                .hasMessageContaining("expected one of OPTIONS, POST");
    }

    @Test
    void sameRouteTwice_isABug() {
        assertThatThrownBy(() -> router.get("/", NOTHING)).hasMessage("route GET / is there twice");
    }
}
