/** TLS from PEM files that may change while the program runs. Only the JDK's TLS; no library. */
@NullMarked
package io.tributary.tls;

import org.jspecify.annotations.NullMarked;
