/** How the agent comes by the certificate that names it, and keeps it fresh. */
@NullMarked
package io.tributary.agent.enrol;

import org.jspecify.annotations.NullMarked;
