package io.tributary.agent.source.mqttlistener;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All sessions of a listener, the longest without a connection first. Of the event loop. */
final class Sessions {
    private final int max;
    private final Map<String, Session> byClient = new LinkedHashMap<>();
    private long evicted;

    Sessions(int max) {
        this.max = max;
    }

    @Nullable
    Session of(String client) {
        return byClient.get(client);
    }

    /** A fresh one in place of what the client had; one without a connection makes room when there are too many. */
    Session begin(String client) {
        byClient.remove(client);
        if (byClient.size() >= max) {
            Iterator<Session> oldest = byClient.values().iterator();
            while (oldest.hasNext()) {
                if (oldest.next().connection() == null) {
                    oldest.remove();
                    evicted++;
                    break;
                }
            }
        }
        Session session = new Session(client);
        byClient.put(client, session);
        return session;
    }

    /** Its connection is gone. */
    void ended(Session session, long nowNs) {
        session.detach(nowNs);
        if (byClient.remove(session.client(), session) && !session.isExpired(nowNs)) {
            byClient.put(session.client(), session);
        }
    }

    void expire(long nowNs) {
        byClient.values().removeIf(session -> session.isExpired(nowNs));
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
