/** UDP listeners on Netty: datagrams of lines, or of one message each. Best effort: nobody is answered, all is counted. */
@NullMarked
package io.tributary.agent.source.udp;

import org.jspecify.annotations.NullMarked;
