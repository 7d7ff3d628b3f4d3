package io.tributary.http;

import org.jspecify.annotations.Nullable;

/** Decides who may call what. Called on the event loop for every request: must not block. */
@FunctionalInterface
public interface AccessControl {
    /** Everybody may do everything. */
    AccessControl OPEN = (needed, route, authorization, address) -> Caller.ANYBODY;

    /**
     * @param route method and template, for the audit log
     * @param authorization the header of this name; null when there is none
     * @param address of the client
     * @throws ProblemException 401, 403 or 429
     */
    Caller check(Access needed, String route, @Nullable String authorization, String address);

    /** A client did not get as far as a request: a version, cipher or certificate that is not accepted. */
    default void handshakeRefused(String address, Throwable cause) {}

    /** A handler found, on its own thread, that a caller who was let in may not have this. */
    default void forbidden(Caller caller, String route) {}
}
