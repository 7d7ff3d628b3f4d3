/**
 * Files of measurements as rows: CSV through a mapping, line protocol as it is; several files merged by event time.
 *
 * <pre>
 * file -> CsvReader -> CsvRows --+
 * file -> CsvReader -> CsvRows --+-> MergedRows -> (shifted) -> Link
 * file -> LineRows  -------------+
 * </pre>
 */
@NullMarked
package io.tributary.sim.replay;

import org.jspecify.annotations.NullMarked;
