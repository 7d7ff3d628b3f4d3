/**
 * TCP listeners on Netty: length-prefixed protobuf frames and line protocol, both answered after fsync. README.md is the
 * reference for whoever writes the other end.
 */
@NullMarked
package io.tributary.agent.source.tcp;

import org.jspecify.annotations.NullMarked;
