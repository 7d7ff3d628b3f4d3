/**
 * A small HTTP/1.1 server for APIs, metrics and health, the only package that imports Netty's HTTP codec.
 *
 * <pre>
 * socket -> HttpConnection (event loop: limits, one request at a time) -> Router -> worker thread: HttpHandler
 *                 ^                                                                       |
 *                 +------------------ Response (blocks the worker while the client is slow) --+
 * </pre>
 */
@NullMarked
package io.tributary.http;

import org.jspecify.annotations.NullMarked;
