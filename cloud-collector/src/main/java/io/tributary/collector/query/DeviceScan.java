package io.tributary.collector.query;

import io.tributary.collector.catalog.CatalogReader;
import io.tributary.collector.catalog.ChannelEntry;
import io.tributary.collector.catalog.DeviceDetail;
import io.tributary.collector.catalog.DeviceEntry;
import io.tributary.collector.catalog.Glob;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Visits the devices of a selector in the order of their IDs, a page of the catalog at a time. */
final class DeviceScan {
    private static final int PAGE = 256;

    private final CatalogReader catalog;
    private final SeriesSelector series;
    private final QueryRun run;

    DeviceScan(CatalogReader catalog, SeriesSelector series, QueryRun run) {
        this.catalog = catalog;
        this.series = series;
        this.run = run;
    }

    interface Visitor {
        /**
         * @param channels names to read; null for all
         * @return false to stop
         */
        boolean visit(DeviceEntry device, @Nullable Set<String> channels) throws IOException;
    }

    /** @param first the first device to visit, when it is still there; null for all */
    void forEach(@Nullable String first, Visitor visitor) throws IOException {
        if (first != null) {
            DeviceDetail detail = catalog.device(first);
            if (detail != null && isSelected(detail.device()) && !visit(detail.device(), visitor)) {
                return;
            }
        }
        String after = first;
        while (true) {
            run.check();
            List<DeviceEntry> page = catalog.devices(series.device(), series.tags(), PAGE, after);
            for (DeviceEntry device : page) {
                run.check();
                if (!visit(device, visitor)) {
                    return;
                }
            }
            if (page.size() < PAGE) {
                return;
            }
            after = page.get(page.size() - 1).id();
        }
    }

    private boolean isSelected(DeviceEntry device) {
        return series.device().matches(device.id())
                && device.tags().entrySet().containsAll(series.tags().entrySet());
    }

    private boolean visit(DeviceEntry device, Visitor visitor) throws IOException {
        if (series.channels().isEmpty()) {
            return visitor.visit(device, null);
        }
        Set<String> names = channelNames(device.id());
        return names.isEmpty() || visitor.visit(device, names);
    }

    private Set<String> channelNames(String device) {
        Set<String> names = new HashSet<>();
        boolean literal = true;
        for (Glob channel : series.channels()) {
            literal &= channel.isLiteral();
            names.add(channel.toString());
        }
        if (literal) {
            return names;
        }
        names.clear();
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
