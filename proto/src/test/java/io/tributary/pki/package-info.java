@NullMarked
package io.tributary.pki;

import org.jspecify.annotations.NullMarked;
