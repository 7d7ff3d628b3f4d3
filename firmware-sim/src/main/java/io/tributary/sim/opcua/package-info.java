/** An OPC UA server with the signals of a fleet as its variables. Milo stays in here; it is for tests, not for plants. */
@NullMarked
package io.tributary.sim.opcua;

import org.jspecify.annotations.NullMarked;
