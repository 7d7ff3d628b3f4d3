/**
 * The HTTP API: parameters in, plans for the query engine, rows out as JSON, CSV or NDJSON. {@link
 * io.tributary.collector.http.CollectorApi} puts it together; API.md of the module describes every call.
 */
@NullMarked
package io.tributary.collector.http;

import org.jspecify.annotations.NullMarked;
