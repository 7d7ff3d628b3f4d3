package io.tributary.collector.query;

/**
 * Largest triangle three buckets: of a series the readings that a line through all of them would show, by Sveinn
 * Steinarsson, "Downsampling Time Series for Visual Representation", University of Iceland 2013, section 4.2. The first
 * and the last reading stay; those between are cut into buckets of equal number, and of each that one stays which spans
 * the largest triangle with the one that stayed before and the average of the bucket behind.
 */
final class Lttb {
    private Lttb() {}

    /**
     * @param times ascending
     * @param values no NaN
     * @param size how many of both count
     * @param points at least 2
     * @return indexes of those that stay, ascending; all when there are not more
     */
    static int[] pick(long[] times, double[] values, int size, int points) {
        if (size <= points) {
            int[] all = new int[size];
            for (int i = 0; i < size; i++) {
                all[i] = i;
            }
            return all;
        }
        int[] picked = new int[points];
        double width = (double) (size - 2) / (points - 2);
        int held = 0;
        for (int bucket = 0; bucket < points - 2; bucket++) {
            int from = (int) (bucket * width) + 1;
            int to = (int) ((bucket + 1) * width) + 1;
            int end = Math.min((int) ((bucket + 2) * width) + 1, size);
            double averageTime = 0;
            double average = 0;
            for (int i = to; i < end; i++) {
                // As distances, which a double holds more exactly than times since 1970.
                averageTime += times[i] - times[held];
                average += values[i];
            }
            averageTime /= end - to;
            average /= end - to;
            held = largest(times, values, held, from, to, averageTime, average);
            picked[bucket + 1] = held;
        }
        picked[points - 1] = size - 1;
        return picked;
    }

    private static int largest(
            long[] times, double[] values, int held, int from, int to, double averageTime, double average) {
        int best = from;
        double bestArea = -1;
        for (int i = from; i < to; i++) {
            double area = Math.abs(
                    -averageTime * (values[i] - values[held]) + (times[i] - times[held]) * (average - values[held]));
            if (area > bestArea) {
                bestArea = area;
                best = i;
            }
        }
        return best;
    }
}
