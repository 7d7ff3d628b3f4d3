/** Encryption of what lies on disk: keys from outside, AES-256-GCM per record. Knows nothing of what it seals. */
@NullMarked
package io.tributary.agent.seal;

import org.jspecify.annotations.NullMarked;
