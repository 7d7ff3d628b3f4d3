/**
 * Between sources and outbox: what channels are allowed to be, and what the edge makes of their readings. Each is an
 * {@link io.tributary.agent.source.Intake} before the next one.
 */
@NullMarked
package io.tributary.agent.process;

import org.jspecify.annotations.NullMarked;
