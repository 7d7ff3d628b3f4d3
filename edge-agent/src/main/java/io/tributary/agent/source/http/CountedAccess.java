package io.tributary.agent.source.http;

import io.tributary.agent.source.SourceGuard;
import io.tributary.http.Access;
import io.tributary.http.AccessControl;
import io.tributary.http.Caller;
import io.tributary.http.ProblemException;
import io.tributary.tls.TlsRules;
import org.jspecify.annotations.Nullable;

/** Counts whom another refuses as requests of the source, which the server does not hand to it. */
record CountedAccess(AccessControl asked, String source, HttpSourceMetrics metrics, SourceGuard guard)
        implements AccessControl {
    @Override
    public Caller check(Access needed, String route, @Nullable String authorization, String address) {
        try {
            return asked.check(needed, route, authorization, address);
        } catch (ProblemException e) {
            metrics.requests.labelValues(source, String.valueOf(e.status())).inc();
            throw e;
        }
    }

    @Override
    public void forbidden(Caller caller, String route) {
        guard.refused(source, caller.name(), "out-of-scope");
    }

    @Override
    public void handshakeRefused(String address, Throwable cause) {
        guard.refused(source, "address " + address, "handshake: " + TlsRules.refusal(cause, false));
    }
}
