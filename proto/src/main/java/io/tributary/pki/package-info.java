/** Keys, certificate requests and a small certificate authority; the only package that knows Bouncy Castle. */
@NullMarked
package io.tributary.pki;

import org.jspecify.annotations.NullMarked;
