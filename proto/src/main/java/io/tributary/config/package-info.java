/**
 * Configuration files: YAML bound to records. {@link io.tributary.config.ConfigReader} is the only door; it tells every
 * problem of a file at once, each with line and column.
 */
@NullMarked
package io.tributary.config;

import org.jspecify.annotations.NullMarked;
