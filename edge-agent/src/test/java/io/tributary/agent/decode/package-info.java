@NullMarked
package io.tributary.agent.decode;

import org.jspecify.annotations.NullMarked;
