@NullMarked
package io.tributary.collector.rpc;

import org.jspecify.annotations.NullMarked;
