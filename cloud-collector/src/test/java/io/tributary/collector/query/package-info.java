@NullMarked
package io.tributary.collector.query;

import org.jspecify.annotations.NullMarked;
