/**
 * The agent's durable buffer.
 *
 * <pre>
 * Source -> GroupCommit (bounded queue, one fsync per group) -> RocksOutbox -> Forwarder
 * </pre>
 *
 * Only this package knows RocksDB. FORMAT.md draws what lies on disk.
 */
@NullMarked
package io.tributary.agent.outbox;

import org.jspecify.annotations.NullMarked;
