@NullMarked
package io.tributary.http;

import org.jspecify.annotations.NullMarked;
