@NullMarked
package io.tributary.access;

import org.jspecify.annotations.NullMarked;
