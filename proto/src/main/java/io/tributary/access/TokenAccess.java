package io.tributary.access;

import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import io.tributary.http.Access;
import io.tributary.http.AccessControl;
import io.tributary.http.Caller;
import io.tributary.http.ProblemException;
import io.tributary.tls.TlsRules;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Bearer tokens (RFC 6750), in the header only: in a URL they would end up in logs. Clients of InfluxDB call the scheme
 * {@code Token}. An address that shows wrong tokens is slowed down.
 */
public final class TokenAccess implements AccessControl {
    private static final List<String> SCHEMES = List.of("bearer ", "token ");
    private static final int TOKEN_CHARS_MAX = 200;

    private final AccessTokens tokens;
    private final RequestRates rates;
    private final AuditLog audit;

    public TokenAccess(AccessTokens tokens, RequestRates rates, AuditLog audit) {
        this.tokens = tokens;
        this.rates = rates;
        this.audit = audit;
    }

    @Override
    public Caller check(Access needed, String route, @Nullable String authorization, String address) {
        if (needed == Access.OPEN) {
            return Caller.ANYBODY;
        }
        if (!rates.mayTry(address)) {
            throw tooMany("wrong tokens came from " + address);
        }
        AccessToken token = token(authorization);
        if (token == null) {
            rates.failed(address);
            audit.refused(AuditEvent.refused(
                    "address " + address,
                    "request",
                    Map.of("route", route, "cause", authorization == null ? "no-token" : "wrong-token")));
            throw new ProblemException(
                            401,
                            "Unauthorized",
                            authorization == null
                                    ? "the request has no token, expected the header \"Authorization: Bearer TOKEN\""
                                    : "the token is not valid here, expected one that was made here, has not been taken"
                                            + " back and has not expired")
                    .withHeader("WWW-Authenticate", "Bearer realm=\"tributary\"");
        }
        if (!rates.mayAsk(token.name())) {
            throw tooMany("token \"" + token.name() + "\" asks more often than it may");
        }
        Role role = role(needed);
        if (!token.role().includes(role)) {
            audit.refused(AuditEvent.refused(
                    "token " + token.name(), "request", Map.of("route", route, "cause", "wrong-role")));
            throw new ProblemException(
                    403,
                    "Forbidden",
                    "token \"" + token.name() + "\" has the role " + lower(token.role()) + ", expected " + lower(role)
                            + " for " + route);
        }
        return new Caller(
                "token " + token.name(), token::maySee, !token.devices().isEmpty());
    }

    @Override
    public void handshakeRefused(String address, Throwable cause) {
        String refusal = TlsRules.refusal(cause, false);
        audit.refused(AuditEvent.refused("address " + address, "handshake", Map.of("cause", String.valueOf(refusal))));
    }

    @Override
    public void forbidden(Caller caller, String route) {
        audit.refused(AuditEvent.refused(caller.name(), "request", Map.of("route", route, "cause", "out-of-scope")));
    }

    private @Nullable AccessToken token(@Nullable String authorization) {
        if (authorization == null || authorization.length() > TOKEN_CHARS_MAX) {
            return null;
        }
        for (String scheme : SCHEMES) {
            if (authorization.regionMatches(true, 0, scheme, 0, scheme.length())) {
                return tokens.find(authorization.substring(scheme.length()).strip());
            }
        }
        return null;
    }

    private static ProblemException tooMany(String why) {
        return new ProblemException(429, "Too many requests", why + "; try again in 1 s")
                .withHeader("Retry-After", "1");
    }

    private static Role role(Access needed) {
        return switch (needed) {
            case OPEN, READ -> Role.READ;
            case WRITE -> Role.WRITE;
            case ADMIN -> Role.ADMIN;
        };
    }

    private static String lower(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }
}
