/**
 * The files of RocksDB, read without RocksDB: for what is left when it does not open a database any more, or opens one that
 * lacks something.
 */
@NullMarked
package io.tributary.rocks;

import org.jspecify.annotations.NullMarked;
