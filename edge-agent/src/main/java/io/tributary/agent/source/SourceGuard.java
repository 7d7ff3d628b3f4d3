package io.tributary.agent.source;

import io.tributary.http.AccessControl;
import java.io.IOException;
import java.nio.file.Path;

/** What the agent knows of who may bring readings, for sources that listen. */
public interface SourceGuard {
    /** For tests of sources: no tokens, and nobody hears of refusals. */
    SourceGuard NONE = new SourceGuard() {
        @Override
        public AccessControl tokens(Path directory) throws IOException {
            throw new IOException("tokens are not kept here");
        }

        @Override
        public void refused(String source, String who, String cause) {}
    };

    /**
     * Tokens that {@code edge-agent token create} made.
     *
     * @throws IOException they cannot be read
     */
    AccessControl tokens(Path directory) throws IOException;

    /**
     * A line of the audit log. Any thread; may write to disk, within a rate.
     *
     * @param who {@code address HOST}, or {@code user NAME}
     * @param cause never repeats a secret
     */
    void refused(String source, String who, String cause);
}
