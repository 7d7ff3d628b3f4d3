/** Tests of commands and desired configurations. */
@NullMarked
package io.tributary.collector.commands;

import org.jspecify.annotations.NullMarked;
