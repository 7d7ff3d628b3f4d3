package io.tributary.agent.source.mqttlistener;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All sessions of a listener, the longest without a connection first. Of the event loop. */
final class Sessions {
    private final int max;
    private final DeliveryLimits limits;
    private final Map<String, Session> byClient = new LinkedHashMap<>();
    private long evicted;

    Sessions(int max, DeliveryLimits limits) {
        this.max = max;
        this.limits = limits;
    }

    @Nullable
    Session of(String client) {
        return byClient.get(client);
    }

    /** A fresh one in place of what the client had; one without a connection makes room when there are too many. */
    Session begin(String client) {
        Session before = byClient.remove(client);
        if (before != null) {
            before.deliveries().drop("the device began a new session");
        }
        if (byClient.size() >= max) {
            evictOldest();
        }
        Session session = new Session(client, limits);
        byClient.put(client, session);
        return session;
    }

    private void evictOldest() {
        Iterator<Session> oldest = byClient.values().iterator();
        while (oldest.hasNext()) {
            Session session = oldest.next();
            if (session.connection() == null) {
                oldest.remove();
                session.deliveries().drop("the session made room for another");
                evicted++;
                return;
            }
        }
    }

    /** Its connection is gone. */
    void ended(Session session, long nowNs) {
        session.detach(nowNs);
        if (!byClient.remove(session.client(), session)) {
            return;
        }
        if (session.isExpired(nowNs)) {
            session.deliveries().drop("the connection and the session with it ended");
        } else {
            byClient.put(session.client(), session);
        }
    }

    /** Sessions, and commands in them. */
    void expire(long nowNs) {
        Iterator<Session> all = byClient.values().iterator();
        while (all.hasNext()) {
            Session session = all.next();
            if (session.isExpired(nowNs)) {
                all.remove();
                session.deliveries().drop("the session expired");
            } else {
                session.deliveries().expire(nowNs);
            }
        }
    }

    /** The listener ends. */
    void drop() {
        byClient.values().forEach(session -> session.deliveries().drop("the listener closed"));
        byClient.clear();
    }

    int size() {
        return byClient.size();
    }

    /** Since the last call. */
    long evicted() {
        long count = evicted;
        evicted = 0;
        return count;
    }
}
