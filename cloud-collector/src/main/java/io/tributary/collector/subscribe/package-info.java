/**
 * Fan-out: subscribers that read the log, each at its own pace, and the bookmarks that keep their place.
 *
 * <pre>
 * storage.LogReader -> Subscription -> ReadingSink (an SSE answer, a gRPC call)
 *                          |
 *                      Bookmarks (durable)
 * </pre>
 */
@NullMarked
package io.tributary.collector.subscribe;

import org.jspecify.annotations.NullMarked;
