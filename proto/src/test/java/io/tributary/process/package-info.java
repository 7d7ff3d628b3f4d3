@NullMarked
package io.tributary.process;

import org.jspecify.annotations.NullMarked;
