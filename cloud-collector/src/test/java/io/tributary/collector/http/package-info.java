@NullMarked
package io.tributary.collector.http;

import org.jspecify.annotations.NullMarked;
