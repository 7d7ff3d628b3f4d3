@NullMarked
package io.tributary.tls;

import org.jspecify.annotations.NullMarked;
