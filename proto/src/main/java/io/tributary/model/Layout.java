package io.tributary.model;

import java.util.Arrays;

/** One order in which the channels of a table come. */
record Layout(ChannelSet order, TableBuilder table, int[] position) {
    static int[] positions(int[] order, int[] sorted) {
        int[] position = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            position[i] = Arrays.binarySearch(sorted, order[i]);
        }
        return position;
    }
}
