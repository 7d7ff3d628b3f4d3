/** What listeners of all protocols share: TLS of Netty, and how often an address may connect. */
@NullMarked
package io.tributary.listen;

import org.jspecify.annotations.NullMarked;
