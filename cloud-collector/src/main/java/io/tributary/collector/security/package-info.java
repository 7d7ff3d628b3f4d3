/**
 * Who may do what: the site's authority, what agents may write, the tokens of the HTTP API. A directory of files that the
 * running collector and the command line share; a change takes effect within a second. Knows neither gRPC nor HTTP.
 */
@NullMarked
package io.tributary.collector.security;

import org.jspecify.annotations.NullMarked;
