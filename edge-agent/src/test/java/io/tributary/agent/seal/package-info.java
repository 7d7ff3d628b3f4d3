/** Tests of the encryption at rest. */
@NullMarked
package io.tributary.agent.seal;

import org.jspecify.annotations.NullMarked;
