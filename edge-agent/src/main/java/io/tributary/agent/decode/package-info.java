/** From bytes to readings, whatever the transport: text formats and how their names become devices and channels. */
@NullMarked
package io.tributary.agent.decode;

import org.jspecify.annotations.NullMarked;
