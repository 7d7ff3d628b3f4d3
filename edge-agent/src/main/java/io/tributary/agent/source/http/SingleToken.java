package io.tributary.agent.source.http;

import io.tributary.agent.source.SourceGuard;
import io.tributary.config.Secret;
import io.tributary.http.Access;
import io.tributary.http.AccessControl;
import io.tributary.http.Caller;
import io.tributary.http.ProblemException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** The one token that stands in the configuration; whoever has it may write everything. */
final class SingleToken implements AccessControl {
    private final byte[] token;
    private final String source;
    private final SourceGuard guard;

    SingleToken(Secret token, String source, SourceGuard guard) {
        this.token = token.value().getBytes(StandardCharsets.UTF_8);
        this.source = source;
        this.guard = guard;
    }

    @Override
    public Caller check(Access needed, String route, @Nullable String authorization, String address) {
        if (needed == Access.OPEN) {
            return Caller.ANYBODY;
        }
        String given = authorization == null ? "" : authorization.replaceFirst("^(?i:bearer|token) +", "");
        if (!MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), token)) {
            guard.refused(source, "address " + address, authorization == null ? "no-token" : "wrong-token");
            throw new ProblemException(
                            401,
                            "Not authorized",
                            authorization == null
                                    ? "no Authorization header, expected Bearer and a token"
                                    : "the token is not the one that is configured")
                    .withHeader("WWW-Authenticate", "Bearer");
        }
        return Caller.ANYBODY;
    }
}
