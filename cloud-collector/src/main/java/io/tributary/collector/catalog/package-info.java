/** What is known of devices: tags, channels with type and unit, first and last event time, and how schemas changed. */
@NullMarked
package io.tributary.collector.catalog;

import org.jspecify.annotations.NullMarked;
