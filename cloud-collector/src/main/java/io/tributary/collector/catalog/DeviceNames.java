package io.tributary.collector.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** All devices, in memory. Any thread. */
public interface DeviceNames {
    /** Null when the device is unknown. */
    @Nullable
    DeviceName find(String id);

    /** In the order of their IDs' UTF-8 bytes, at this moment. */
    List<DeviceName> sorted();
}
