@NullMarked
package io.tributary.agent.source.mqtt;

import org.jspecify.annotations.NullMarked;
