@NullMarked
package io.tributary.collector.security;

import org.jspecify.annotations.NullMarked;
