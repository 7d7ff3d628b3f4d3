/** The box itself: its temperatures, voltages, buses of sensors, load, memory and disks, out of sysfs and procfs. */
@NullMarked
package io.tributary.agent.source.linux;

import org.jspecify.annotations.NullMarked;
