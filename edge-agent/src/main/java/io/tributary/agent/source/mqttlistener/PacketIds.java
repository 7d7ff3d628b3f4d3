package io.tributary.agent.source.mqttlistener;

import java.util.Arrays;

/** A small set of packet identifiers, two bytes each, sorted. */
final class PacketIds {
    private static final char[] NONE = new char[0];

    private char[] ids = NONE;
    private int size;

    int size() {
        return size;
    }

    boolean contains(int id) {
        return Arrays.binarySearch(ids, 0, size, (char) id) >= 0;
    }

    /** @return false when it was there */
    boolean add(int id) {
        int place = Arrays.binarySearch(ids, 0, size, (char) id);
        if (place >= 0) {
            return false;
        }
        int at = -place - 1;
        if (size == ids.length) {
            ids = Arrays.copyOf(ids, Math.max(4, size * 2));
        }
        System.arraycopy(ids, at, ids, at + 1, size - at);
        ids[at] = (char) id;
        size++;
        return true;
    }

    /** @return false when it was not there */
    boolean remove(int id) {
        int at = Arrays.binarySearch(ids, 0, size, (char) id);
        if (at < 0) {
            return false;
        }
        System.arraycopy(ids, at + 1, ids, at, size - at - 1);
        if (--size == 0) {
            ids = NONE;
        }
        return true;
    }
}
