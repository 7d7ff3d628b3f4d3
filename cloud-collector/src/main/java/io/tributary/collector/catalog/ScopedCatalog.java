package io.tributary.collector.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A catalog in which every device outside a scope is not there. */
public final class ScopedCatalog implements CatalogReader {
    private final CatalogReader catalog;
    private final Predicate<String> scope;

    /** @param scope true for the ID of a device that may be seen */
    public ScopedCatalog(CatalogReader catalog, Predicate<String> scope) {
        this.catalog = catalog;
        this.scope = scope;
    }

    @Override
    public List<DeviceEntry> devices(Glob match, Map<String, String> tags, int limit, @Nullable String after) {
        List<DeviceEntry> seen = new ArrayList<>();
        String last = after;
        while (seen.size() < limit) {
            List<DeviceEntry> page = catalog.devices(match, tags, limit, last);
            for (DeviceEntry device : page) {
                if (seen.size() < limit && scope.test(device.id())) {
                    seen.add(device);
                }
            }
            if (page.size() < limit) {
                break;
            }
            last = page.get(page.size() - 1).id();
        }
        return seen;
    }

    @Override
    public @Nullable DeviceDetail device(String id) {
        return scope.test(id) ? catalog.device(id) : null;
    }

    /** Of all devices: how many there are is no secret. */
    @Override
    public long deviceCount() {
        return catalog.deviceCount();
    }
}
