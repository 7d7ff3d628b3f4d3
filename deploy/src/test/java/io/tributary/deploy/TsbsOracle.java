package io.tributary.deploy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Answers to those of the 13 questions that need client code, from a file's rows by loops of its own: it shares nothing
 * with what {@link TsbsQuestionsTest} does to the collector's answers, so that a mistake there shows.
 */
final class TsbsOracle {
    private static final int BUCKETS_OF_A_DAY = 144;
    private static final double NOTHING = Double.NaN;

    private final TsbsFleet fleet;
    private final int days;

    TsbsOracle(TsbsFleet fleet) {
        this.fleet = fleet;
        long last = TsbsFleet.START_NS;
        for (TsbsFleet.Line line : fleet.lines) {
            last = Math.max(last, line.timeNs());
        }
        this.days = (int) ((last - TsbsFleet.START_NS) / (1440 * TsbsFleet.MINUTE)) + 1;
    }

    /** What a channel said of a truck, in lines that name it: one value per time, the one that arrived last. */
    private List<double[]> said(String truck, String channel) {
        TreeMap<Long, Double> byTime = new TreeMap<>();
        for (TsbsFleet.Line line : fleet.lines) {
            Double value = line.fields().get(channel);
            if (value != null && line.truck().equals(truck)) {
                byTime.put(line.timeNs(), value);
            }
        }
        List<double[]> said = new ArrayList<>();
        byTime.forEach((time, value) -> said.add(new double[] {(time - TsbsFleet.START_NS) / 1e9, value}));
        return said;
    }

    /** One number for each ten minutes since the start; NaN where nothing was said. */
    private double[] buckets(String truck, String channel, boolean shareOfZero) {
        double[] sums = new double[days * BUCKETS_OF_A_DAY];
        int[] counts = new int[sums.length];
        for (double[] each : said(truck, channel)) {
            int bucket = (int) (each[0] / 600);
            sums[bucket] += shareOfZero ? (each[1] == 0 ? 1 : 0) : each[1];
            counts[bucket]++;
        }
        for (int i = 0; i < sums.length; i++) {
            sums[i] = counts[i] == 0 ? NOTHING : sums[i] / counts[i];
        }
        return sums;
    }

    private String tag(String truck, String name) {
        return String.valueOf(fleet.tags.getOrDefault(truck, Map.of()).get(name));
    }

    private static double mean(List<Double> values) {
        double sum = 0;
        for (double value : values) {
            sum += value;
        }
        return sum / values.size();
    }

    private static Map<String, Double> means(Map<String, List<Double>> lists) {
        Map<String, Double> means = new TreeMap<>();
        lists.forEach((key, values) -> means.put(key, mean(values)));
        return means;
    }

    /** Question 9. */
    Map<String, Double> dailyHours() {
        Map<String, List<Double>> hours = new TreeMap<>();
        for (String truck : fleet.rows.keySet()) {
            double[] velocity = buckets(truck, "velocity", false);
            for (int day = 0; day < days; day++) {
                double[] of = Arrays.copyOfRange(velocity, day * BUCKETS_OF_A_DAY, (day + 1) * BUCKETS_OF_A_DAY);
                boolean said = false;
                int driving = 0;
                for (double bucket : of) {
                    said |= !Double.isNaN(bucket);
                    driving += bucket > 1 ? 1 : 0;
                }
                if (said) {
                    String key = tag(truck, "fleet") + " " + truck + " " + tag(truck, "driver");
                    hours.computeIfAbsent(key, unused -> new ArrayList<>()).add(driving / 6.0);
                }
            }
        }
        return means(hours);
    }

    /** Question 10: a session that has no end by the last bucket does not count, as in the suite. */
    Map<String, Double> sessionMinutes() {
        Map<String, List<Double>> minutes = new TreeMap<>();
        for (String truck : fleet.rows.keySet()) {
            double[] velocity = buckets(truck, "velocity", false);
            int bucket = 0;
            while (bucket < velocity.length) {
                if (!(velocity[bucket] > 5)) {
                    bucket++;
                    continue;
                }
                int end = bucket + 1;
                while (end < velocity.length && !(velocity[end] <= 5)) {
                    end++;
                }
                if (end < velocity.length) {
                    long day = TsbsFleet.START_NS / (1440 * TsbsFleet.MINUTE) + bucket / BUCKETS_OF_A_DAY;
                    minutes.computeIfAbsent(truck + " " + day, unused -> new ArrayList<>())
                            .add(10.0 * (end - bucket));
                }
                bucket = end;
            }
        }
        return means(minutes);
    }

    /** Question 11. */
    Map<String, Double> loads() {
        Map<String, List<Double>> loads = new TreeMap<>();
        for (String truck : fleet.rows.keySet()) {
            List<double[]> load = said(truck, "current_load");
            List<double[]> capacity = said(truck, "load_capacity");
            if (load.isEmpty() || capacity.isEmpty()) {
                continue;
            }
            double sum = 0;
            for (double[] each : load) {
                sum += each[1];
            }
            loads.computeIfAbsent(tag(truck, "fleet") + " " + tag(truck, "model"), unused -> new ArrayList<>())
                    .add(sum / load.size() / capacity.get(capacity.size() - 1)[1]);
        }
        return means(loads);
    }

    /** Question 12. */
    Map<String, Double> activity() {
        Map<String, Double> parts = new TreeMap<>();
        for (String truck : fleet.rows.keySet()) {
            double[] status = buckets(truck, "status", false);
            for (int day = 0; day < days; day++) {
                int active = 0;
                boolean said = false;
                for (int i = day * BUCKETS_OF_A_DAY; i < (day + 1) * BUCKETS_OF_A_DAY; i++) {
                    active += status[i] < 1 ? 1 : 0;
                    said |= !Double.isNaN(status[i]);
                }
                if (said) {
                    long number = TsbsFleet.START_NS / (1440 * TsbsFleet.MINUTE) + day;
                    String key = tag(truck, "fleet") + " " + tag(truck, "model") + " " + number;
                    parts.put(key, parts.getOrDefault(key, 0.0) + active / 144.0);
                }
            }
        }
        return parts;
    }

    /** Question 13, with the share of readings that say broken, which the suite's SQL meant. */
    Map<String, Double> breakdowns() {
        Map<String, Double> counts = new TreeMap<>();
        for (String truck : fleet.rows.keySet()) {
            double[] share = buckets(truck, "status", true);
            int begun = 0;
            double before = NOTHING;
            for (double bucket : share) {
                if (Double.isNaN(bucket)) {
                    continue;
                }
                begun += bucket >= 0.5 && before < 0.5 ? 1 : 0;
                before = bucket;
            }
            if (!Double.isNaN(before)) {
                String model = tag(truck, "model");
                counts.put(model, counts.getOrDefault(model, 0.0) + begun);
            }
        }
        return counts;
    }
}
