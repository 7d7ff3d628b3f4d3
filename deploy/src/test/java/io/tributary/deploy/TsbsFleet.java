package io.tributary.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;

/**
 * Trucks as the IoT use case of the Time Series Benchmark Suite (github.com/timescale/tsbs, MIT licence) simulates them:
 * from a generator of the same schema and faults, or from a file of that suite in line protocol. What a truck said at a
 * time in several lines is one row, as a device's channels at one event time are.
 */
final class TsbsFleet {
    static final long START_NS = 1_451_606_400_000_000_000L; // 2016-01-01
    static final long MINUTE = 60_000_000_000L;
    private static final String[] FLEETS = {"East", "West", "North", "South"};
    private static final String[] DRIVERS = {"Derek", "Rodney", "Albert", "Andy", "Seth", "Trish"};
    private static final String[] MODELS = {"F-150", "G-2000", "H-2"};
    private static final double[][] CAPACITIES = {{2000, 200, 15}, {5000, 300, 19}, {1500, 150, 12}};

    /** What was said in one line. */
    record Line(String truck, long timeNs, Map<String, Double> fields) {}

    /** In the order of arrival. */
    final List<Line> lines = new ArrayList<>();
    /** Tags of a truck, as far as any line told them. */
    final Map<String, Map<String, String>> tags = new TreeMap<>();
    /** By truck and time. */
    final TreeMap<String, TreeMap<Long, Map<String, Double>>> rows = new TreeMap<>();

    static TsbsFleet generated(long seed, int trucks, int minutes) {
        TsbsFleet fleet = new TsbsFleet();
        Random random = new Random(seed);
        List<Line> held = new ArrayList<>();
        List<Map<String, Double>> states = new ArrayList<>();
        for (int truck = 0; truck < trucks; truck++) {
            int model = random.nextInt(MODELS.length);
            fleet.tags.put(
                    "truck_" + truck,
                    Map.of(
                            "fleet", FLEETS[random.nextInt(4)],
                            "driver", DRIVERS[random.nextInt(6)],
                            "model", MODELS[model]));
            states.add(begin(random, CAPACITIES[model]));
        }
        for (int minute = 0; minute < minutes; minute++) {
            for (int truck = 0; truck < trucks; truck++) {
                Map<String, Double> state = states.get(truck);
                step(random, state);
                for (boolean diagnostics : new boolean[] {false, true}) {
                    Line line = line("truck_" + truck, START_NS + minute * MINUTE, state, diagnostics);
                    if (random.nextInt(10) == 0) {
                        List<String> names = new ArrayList<>(line.fields.keySet());
                        line.fields.remove(names.get(random.nextInt(names.size())));
                    }
                    int fate = random.nextInt(20);
                    if (fate < 2) {
                        continue; // missing
                    }
                    if (fate < 6) {
                        held.add(line); // comes later, out of order
                    } else {
                        fleet.add(line);
                    }
                }
            }
            if (random.nextInt(3) == 0) {
                Collections.shuffle(held, random);
                held.forEach(fleet::add);
                held.clear();
            }
        }
        held.forEach(fleet::add);
        return fleet;
    }

    private static Map<String, Double> begin(Random random, double[] capacities) {
        Map<String, Double> state = new HashMap<>();
        state.put("load_capacity", capacities[0]);
        state.put("fuel_capacity", capacities[1]);
        state.put("nominal_fuel_consumption", capacities[2]);
        state.put("latitude", 90 * random.nextDouble());
        state.put("longitude", 180 * random.nextDouble());
        state.put("velocity", 0.0);
        state.put("fuel_consumption", 25.0);
        state.put("fuel_state", 1.0);
        state.put("current_load", 0.0);
        state.put("status", 0.0);
        return state;
    }

    private static void step(Random random, Map<String, Double> state) {
        walk(random, state, "latitude", 0.005, -90, 90, 1e5);
        walk(random, state, "longitude", 0.005, -180, 180, 1e5);
        walk(random, state, "velocity", 10, 0, 100, 1);
        walk(random, state, "fuel_consumption", 5, 0, 50, 10);
        double fuel = state.getOrDefault("fuel_state", 1.0) - 0.001 * random.nextDouble();
        state.put("fuel_state", fuel <= 0 ? 1 : Math.floor(fuel * 1000) / 1000);
        if (random.nextInt(20) == 0) {
            state.put("current_load", Math.floor(random.nextDouble() * 5000));
        }
        double status = Math.min(5, Math.max(0, state.getOrDefault("status", 0.0) + random.nextGaussian()));
        state.put("status", Math.floor(status));
    }

    private static void walk(
            Random random, Map<String, Double> state, String name, double step, double min, double max, double scale) {
        double next = state.getOrDefault(name, 0.0) + step * (2 * random.nextDouble() - 1);
        state.put(name, Math.floor(Math.min(max, Math.max(min, next)) * scale) / scale);
    }

    private static Line line(String truck, long timeNs, Map<String, Double> state, boolean diagnostics) {
        Map<String, Double> fields = new TreeMap<>();
        List<String> names = diagnostics
                ? List.of(
                        "load_capacity",
                        "fuel_capacity",
                        "nominal_fuel_consumption",
                        "fuel_state",
                        "current_load",
                        "status")
                : List.of(
                        "load_capacity",
                        "fuel_capacity",
                        "nominal_fuel_consumption",
                        "latitude",
                        "longitude",
                        "velocity",
                        "fuel_consumption");
        names.forEach(name -> fields.put(name, state.getOrDefault(name, 0.0)));
        return new Line(truck, timeNs, fields);
    }

    /** Lines without a truck's name, which no question is about, are left out. */
    static TsbsFleet read(Path file) throws IOException {
        TsbsFleet fleet = new TsbsFleet();
        try (BufferedReader lines = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            for (String text = lines.readLine(); text != null; text = lines.readLine()) {
                String[] parts = text.split(" ");
                Map<String, String> tags = pairs(parts[0].substring(parts[0].indexOf(',') + 1));
                String truck = tags.remove("name");
                if (truck != null) {
                    Map<String, Double> fields = new TreeMap<>();
                    pairs(parts[1]).forEach((name, value) -> fields.put(name, Double.valueOf(value.replace("i", ""))));
                    fleet.tags.merge(truck, tags, TsbsFleet::both);
                    fleet.add(new Line(truck, Long.parseLong(parts[2]), fields));
                }
            }
        }
        return fleet;
    }

    private static Map<String, String> both(Map<String, String> a, Map<String, String> b) {
        Map<String, String> both = new TreeMap<>(a);
        both.putAll(b);
        return both;
    }

    private static Map<String, String> pairs(String text) {
        Map<String, String> pairs = new TreeMap<>();
        for (String pair : text.split(",")) {
            int equal = pair.indexOf('=');
            if (equal > 0) {
                pairs.put(pair.substring(0, equal), pair.substring(equal + 1));
            }
        }
        return pairs;
    }

    private void add(Line line) {
        lines.add(line);
        rows.computeIfAbsent(line.truck, unused -> new TreeMap<>())
                .computeIfAbsent(line.timeNs, unused -> new TreeMap<>())
                .putAll(line.fields);
    }
}
