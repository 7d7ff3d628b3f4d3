@NullMarked
package io.tributary.agent.source.udp;

import org.jspecify.annotations.NullMarked;
