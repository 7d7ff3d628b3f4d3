@NullMarked
package io.tributary.collector.subscribe;

import org.jspecify.annotations.NullMarked;
