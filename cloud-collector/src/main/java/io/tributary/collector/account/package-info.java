/** What became of every sequence, per origin: the collector's half of the account. */
@NullMarked
package io.tributary.collector.account;

import org.jspecify.annotations.NullMarked;
