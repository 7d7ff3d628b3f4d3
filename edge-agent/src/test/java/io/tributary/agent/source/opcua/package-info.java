@NullMarked
package io.tributary.agent.source.opcua;

import org.jspecify.annotations.NullMarked;
