@NullMarked
package io.tributary.collector.ingest.mqtt;

import org.jspecify.annotations.NullMarked;
