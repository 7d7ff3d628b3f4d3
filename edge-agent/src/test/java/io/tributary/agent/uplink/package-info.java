@NullMarked
package io.tributary.agent.uplink;

import org.jspecify.annotations.NullMarked;
