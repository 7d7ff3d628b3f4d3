/**
 * The store: one RocksDB that holds log, chunks, catalog and accounts, and how they are read.
 *
 * <pre>
 * BatchWriter -> Committer -> log (fsync) -> Head -> Flusher -> chunks <- Folder
 *                                              \                /
 *                                               ReadingReader --
 * </pre>
 */
@NullMarked
package io.tributary.collector.storage;

import org.jspecify.annotations.NullMarked;
