package io.tributary.deploy;

import java.util.LinkedHashMap;
import java.util.Map;

/** Prometheus text as a map from {@code name{labels}} to value. */
record Metrics(Map<String, Double> samples) {

    static Metrics parse(String text) {
        Map<String, Double> samples = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            int blank = line.lastIndexOf(' ');
            if (!line.startsWith("#") && blank > 0) {
                samples.put(line.substring(0, blank), value(line.substring(blank + 1)));
            }
        }
        return new Metrics(samples);
    }

    /** The sum over all labels of a name whose label text contains all of {@code labels}; 0 without any sample. */
    double sum(String name, String... labels) {
        double sum = 0;
        for (Map.Entry<String, Double> sample : samples.entrySet()) {
            if (hasName(sample.getKey(), name) && hasLabels(sample.getKey(), labels)) {
                sum += sample.getValue();
            }
        }
        return sum;
    }

    private static boolean hasName(String key, String name) {
        return key.equals(name) || key.startsWith(name + "{");
    }

    private static boolean hasLabels(String key, String... labels) {
        for (String label : labels) {
            if (!key.contains(label)) {
                return false;
            }
        }
        return true;
    }

    private static double value(String text) {
        return switch (text) {
            case "+Inf" -> Double.POSITIVE_INFINITY;
            case "-Inf" -> Double.NEGATIVE_INFINITY;
            case "NaN" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }
}
