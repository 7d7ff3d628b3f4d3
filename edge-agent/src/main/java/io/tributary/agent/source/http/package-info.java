/** Readings over HTTP: InfluxDB's write calls, and rows of JSON. A 2xx goes out after fsync. */
@NullMarked
package io.tributary.agent.source.http;

import org.jspecify.annotations.NullMarked;
