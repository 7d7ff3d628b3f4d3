@NullMarked
package io.tributary.agent.outbox;

import org.jspecify.annotations.NullMarked;
