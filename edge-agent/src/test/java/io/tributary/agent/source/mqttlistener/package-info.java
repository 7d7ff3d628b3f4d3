@NullMarked
package io.tributary.agent.source.mqttlistener;

import org.jspecify.annotations.NullMarked;
