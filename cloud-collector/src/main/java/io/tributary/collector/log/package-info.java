/** The records of the log: what is acknowledged, replayed at a start, and read by subscribers. */
@NullMarked
package io.tributary.collector.log;

import org.jspecify.annotations.NullMarked;
