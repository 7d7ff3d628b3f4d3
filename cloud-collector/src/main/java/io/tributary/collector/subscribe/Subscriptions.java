package io.tributary.collector.subscribe;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.log.LogPosition;
import io.tributary.collector.storage.LogReader;
import io.tributary.collector.storage.StateStore;
import io.tributary.collector.subscribe.SubscribeException.Kind;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Opens subscriptions within their limits and keeps the bookmarks. Any thread; closed before the endpoints are. */
public final class Subscriptions implements AutoCloseable {
    private final LogReader log;
    private final StreamLimits limits;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final Bookmarks bookmarks;
    private final Counter given;
    private final Counter missed;
    // guarded by this
    private final Set<Subscription> open = new HashSet<>();
    private boolean closed;

    /**
     * @param store of bookmarks
     * @param nanoTime monotonic, in ns
     */
    public Subscriptions(
            LogReader log,
            StateStore store,
            StreamLimits limits,
            InstantSource clock,
            LongSupplier nanoTime,
            PrometheusRegistry registry) {
        this.log = log;
        this.limits = limits;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.bookmarks = new Bookmarks(store, limits.bookmarksMax());
        this.given = Counter.builder()
                .name("tributary_collector_stream_readings_total")
                .help("Readings given to subscribers.")
                .register(registry);
        this.missed = Counter.builder()
                .name("tributary_collector_stream_missed_records_total")
                .help("Log records that were gone before a subscriber came to them.")
                .register(registry);
        GaugeWithCallback.builder()
                .name("tributary_collector_stream_consumers")
                .help("Open subscriptions.")
                .callback(each -> each.call(consumers()))
                .register(registry);
        GaugeWithCallback.builder()
                .name("tributary_collector_stream_lag_records")
                .help("Log records that a named bookmark has not committed.")
                .labelNames("bookmark")
                .callback(each -> bookmarks().forEach(mark -> each.call(log.behind(mark.position()), mark.name())))
                .register(registry);
    }

    /** Reads the bookmarks. */
    public void start() {
        bookmarks.load();
    }

    public StreamLimits limits() {
        return limits;
    }

    /** @throws SubscribeException when there is none, and why */
    public synchronized Subscription open(StreamRequest request) {
        if (closed) {
            throw new SubscribeException(Kind.CLOSING, "the collector is closing; come again");
        }
        if (open.size() >= limits.consumersMax()) {
            throw new SubscribeException(
                    Kind.EXHAUSTED,
                    open.size() + " subscribers are connected, expected at most " + limits.consumersMax()
                            + "; come again later, or raise stream.consumers-max");
        }
        String name = request.bookmark();
        for (Subscription other : open) {
            if (name != null && name.equals(other.bookmark())) {
                throw new SubscribeException(
                        Kind.IN_USE,
                        "bookmark \"" + name
                                + "\" is in use by another subscriber; end that one, or take another name");
            }
        }
        LogPosition from = begin(request);
        if (name != null && bookmarks.get(name) == null) {
            bookmarks.put(name, from, nowNs());
        }
        Subscription subscription = new Subscription(this, log, request, from, nanoTime);
        open.add(subscription);
        return subscription;
    }

    private LogPosition begin(StreamRequest request) {
        String token = request.position();
        if (token != null) {
            return position(token);
        }
        Bookmark known = request.bookmark() == null ? null : bookmarks.get(request.bookmark());
        if (known != null) {
            return known.position();
        }
        Long from = request.fromNs();
        return from == null ? log.newest() : from == Long.MIN_VALUE ? log.oldest() : log.at(from);
    }

    /** @throws SubscribeException when it is none of this log */
    private LogPosition position(String token) {
        try {
            LogPosition position = LogPosition.parse(token);
            log.next(position);
            return position;
        } catch (IllegalArgumentException e) {
            throw new SubscribeException(Kind.INVALID, "position \"" + token + "\": " + e.getMessage());
        }
    }

    public List<Bookmark> bookmarks() {
        return bookmarks.list();
    }

    /** @throws SubscribeException when it is unknown */
    public Bookmark bookmark(String name) {
        Bookmark bookmark = bookmarks.get(name);
        if (bookmark == null) {
            throw new SubscribeException(Kind.UNKNOWN, "bookmark \"" + name + "\" is unknown");
        }
        return bookmark;
    }

    /** Records that a bookmark has not committed. */
    public long behind(Bookmark bookmark) {
        return log.behind(bookmark.position());
    }

    /**
     * Makes or moves a bookmark.
     *
     * @param token of the position; null for the newest
     */
    public Bookmark commit(String name, @Nullable String token) {
        return bookmarks.put(name, token == null ? log.newest() : position(token), nowNs());
    }

    void commit(String name, LogPosition position) {
        if (bookmarks.get(name) != null) { // it may have been deleted meanwhile
            bookmarks.put(name, position, nowNs());
        }
    }

    /** @throws SubscribeException when it is unknown */
    public void delete(String name) {
        if (!bookmarks.remove(name)) {
            throw new SubscribeException(Kind.UNKNOWN, "bookmark \"" + name + "\" is unknown");
        }
    }

    private long nowNs() {
        Instant now = clock.instant();
        return Math.addExact(Math.multiplyExact(now.getEpochSecond(), 1_000_000_000L), now.getNano());
    }

    synchronized int consumers() {
        return open.size();
    }

    void given(long readings) {
        given.inc(readings);
    }

    void missed(long records) {
        missed.inc(records);
    }

    synchronized void ended(Subscription subscription) {
        open.remove(subscription);
    }

    /** Ends every subscription; their threads see it at once. */
    @Override
    public void close() {
        Set<Subscription> left;
        synchronized (this) {
            closed = true;
            left = new HashSet<>(open);
        }
        left.forEach(Subscription::cancel);
    }
}
