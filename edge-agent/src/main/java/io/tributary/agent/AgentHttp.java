package io.tributary.agent;

import io.tributary.agent.source.Checks;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.tls.TlsFiles;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code http} of the configuration: metrics, health, dead letters.
 *
 * @param allowPlaintextOffLoopback must be true for a listener that other machines can reach without TLS
 * @param tls with {@code ca} clients have to show a certificate of that authority
 * @param tokens directory of {@code edge-agent token create}; null: whoever reaches the listener may ask
 */
record AgentHttp(
        @Default("127.0.0.1:8481") HostPort listen,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Nullable TlsFiles tls,
        @Nullable Path tokens) {
    AgentHttp {
        Checks.listen(listen, tls, allowPlaintextOffLoopback);
        if (tls != null && tls.ca() == null && tokens == null && !listen.isLoopback()) {
            throw new IllegalArgumentException("listen is " + listen
                    + ", where everybody could read metrics and dead letters; expected tokens, or tls.ca so that"
                    + " clients show a certificate");
        }
    }
}
