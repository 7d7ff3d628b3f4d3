/**
 * Who sends: every agent the collector has ever met, what it last told, and the proof that nothing it accepted
 * vanished. Written by the ingest endpoints, read by the query endpoints, which do not know each other.
 */
@NullMarked
package io.tributary.collector.agents;

import org.jspecify.annotations.NullMarked;
