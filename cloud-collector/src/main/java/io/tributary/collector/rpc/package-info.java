/** The one gRPC listener of the collector: limits on connections, calls and messages, shared by all services. */
@NullMarked
package io.tributary.collector.rpc;

import org.jspecify.annotations.NullMarked;
