@NullMarked
package io.tributary.agent;

import org.jspecify.annotations.NullMarked;
