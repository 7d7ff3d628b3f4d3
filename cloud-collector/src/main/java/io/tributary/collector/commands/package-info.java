/** What agents are told to do, and to be: kept until they have answered, over whatever uplink they come. */
@NullMarked
package io.tributary.collector.commands;

import org.jspecify.annotations.NullMarked;
