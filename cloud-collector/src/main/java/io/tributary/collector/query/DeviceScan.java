package io.tributary.collector.query;

import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceDetail;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.DeviceName;
import io.tributary.collector.catalog.DeviceNames;
import io.tributary.collector.catalog.Glob;
import io.tributary.collector.catalog.Utf8Order;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Visits the devices of a selector in the order of their IDs, a page of the catalog at a time. */
final class DeviceScan {
    private static final int PAGE = 256;
    /** Devices in memory between two looks at the clock; who reads one of them looks more often. */
    private static final int CHECKED = 32;

    private final CatalogReader catalog;
    private final SeriesSelector series;
    private final QueryRun run;
    private final @Nullable Set<String> literalNames;

    DeviceScan(CatalogReader catalog, SeriesSelector series, QueryRun run) {
        this.catalog = catalog;
        this.series = series;
        this.run = run;
        this.literalNames = literalNames(series.channels());
    }

    interface Visitor {
        /**
         * @param channels names to read; null for all
         * @return false to stop
         */
        boolean visit(DeviceName device, @Nullable Set<String> channels) throws IOException;
    }

    /** @param first the first device to visit, when it is still there; null for all */
    void forEach(@Nullable String first, Visitor visitor) throws IOException {
        DeviceNames names = catalog.names();
        if (names == null) {
            forEachPage(first, visitor);
            return;
        }
        if (series.device().isLiteral()) {
            DeviceName device = names.find(series.device().prefix());
            boolean behind =
                    first == null || Utf8Order.INSTANCE.compare(series.device().prefix(), first) >= 0;
            if (device != null && behind && device.has(series.tags())) {
                visit(device, visitor);
            }
            return;
        }
        List<DeviceName> sorted = names.sorted();
        String prefix = series.device().prefix();
        String begin = first == null || Utf8Order.INSTANCE.compare(prefix, first) > 0 ? prefix : first;
        run.check();
        int visited = 0;
        for (int i = begin.isEmpty() ? 0 : firstAtOrBehind(sorted, begin); i < sorted.size(); i++) {
            DeviceName device = sorted.get(i);
            if (!device.id().startsWith(prefix)) {
                return;
            }
            if (series.device().matches(device.id()) && device.has(series.tags())) {
                if (++visited % CHECKED == 0) {
                    run.check();
                }
                if (!visit(device, visitor)) {
                    return;
                }
            }
        }
    }

    private static int firstAtOrBehind(List<DeviceName> sorted, String id) {
        int low = 0;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (Utf8Order.INSTANCE.compare(sorted.get(middle).id(), id) < 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void forEachPage(@Nullable String first, Visitor visitor) throws IOException {
        if (first != null) {
            DeviceDetail detail = catalog.device(first);
            if (detail != null && isSelected(detail.device()) && !visit(name(detail.device()), visitor)) {
                return;
            }
        }
        String after = first;
        while (true) {
            run.check();
            List<DeviceEntry> page = catalog.devices(series.device(), series.tags(), PAGE, after);
            for (DeviceEntry device : page) {
                run.check();
                if (!visit(name(device), visitor)) {
                    return;
                }
            }
            if (page.size() < PAGE) {
                return;
            }
            after = page.get(page.size() - 1).id();
        }
    }

    private static DeviceName name(DeviceEntry device) {
        return new DeviceName(device.id(), device.tags());
    }

    private boolean isSelected(DeviceEntry device) {
        return series.device().matches(device.id()) && name(device).has(series.tags());
    }

    private boolean visit(DeviceName device, Visitor visitor) throws IOException {
        if (!run.maySee(device.id())) {
            return true;
        }
        if (series.channels().isEmpty()) {
            return visitor.visit(device, null);
        }
        Set<String> names = literalNames != null ? literalNames : channelNames(device.id());
        return names.isEmpty() || visitor.visit(device, names);
    }

    /** The names themselves when no pattern has a wildcard. */
    private static @Nullable Set<String> literalNames(List<Glob> channels) {
        Set<String> names = new HashSet<>();
        for (Glob channel : channels) {
            if (!channel.isLiteral()) {
                return null;
            }
            names.add(channel.toString());
        }
        return Set.copyOf(names);
    }

    private Set<String> channelNames(String device) {
        Set<String> names = new HashSet<>();
        DeviceDetail detail = catalog.device(device);
        if (detail != null) {
            for (ChannelEntry entry : detail.channels()) {
                if (series.selectsChannel(entry.channel().name())) {
                    names.add(entry.channel().name());
                }
            }
        }
        return names;
    }
}
