package io.tributary.collector.ingest.mqtt;

import io.tributary.mqtt.BrokerLink;
import java.io.IOException;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * PUBACKs of one connection in the order in which the messages came, as section 4.6 of MQTT 5 asks, whatever the order in
 * which they are dealt with. An agent that has to wait does so for what all agents wait for, memory or the writer, so
 * that the order costs the others nothing. Any thread.
 */
final class InOrderAcks {
    private static final Logger LOG = LoggerFactory.getLogger(InOrderAcks.class);

    private static final class Entry {
        final int id;
        boolean done;

        Entry(int id) {
            this.id = id;
        }
    }

    private final BrokerLink link;
    // Guarded by this.
    private final ArrayDeque<Entry> entries = new ArrayDeque<>();

    InOrderAcks(BrokerLink link) {
        this.link = link;
    }

    /**
     * Called in the order of arrival.
     *
     * @return to be run when the message has been dealt with
     */
    Runnable arrived(int id) {
        Entry entry = new Entry(id);
        synchronized (this) {
            entries.add(entry);
        }
        return () -> done(entry);
    }

    private synchronized void done(Entry entry) {
        entry.done = true;
        for (Entry first = entries.peek(); first != null && first.done; first = entries.peek()) {
            entries.poll();
            try {
                link.acknowledge(first.id);
            } catch (IOException e) {
                LOG.debug("no PUBACK for {}: the connection is gone", first.id, e);
            }
        }
    }
}
