@NullMarked
package io.tributary.model;

import org.jspecify.annotations.NullMarked;
