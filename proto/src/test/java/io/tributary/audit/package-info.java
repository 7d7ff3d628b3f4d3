@NullMarked
package io.tributary.audit;

import org.jspecify.annotations.NullMarked;
