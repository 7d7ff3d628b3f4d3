package io.tributary.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.DoublePredicate;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The 13 questions of the IoT use case of the Time Series Benchmark Suite, over HTTP plus a few lines of client code where
 * they need some, each equal to what loops over the plain rows find. {@code -Dtributary.tsbs=FILE} takes a file of the
 * suite ({@code .lp.gz}) instead of the generated fleet.
 */
class TsbsQuestionsTest {
    private static final long TEN_MINUTES = 10 * TsbsFleet.MINUTE;
    private static final long DAY = 1440 * TsbsFleet.MINUTE;
    private static final String FLEET = "South";

    @TempDir
    static Path directory;

    private static TsbsFleet fleet = new TsbsFleet();

    @SuppressWarnings("NullAway.Init") // before the first test
    private static TsbsCollector collector;

    private static long end;

    @BeforeAll
    static void load() throws IOException {
        String file = System.getProperty("tributary.tsbs");
        fleet = file == null ? TsbsFleet.generated(7, 12, 1700) : TsbsFleet.read(Path.of(file));
        collector = new TsbsCollector(directory.resolve("store"), fleet);
        end = TsbsFleet.START_NS;
        fleet.rows.values().forEach(rows -> end = Math.max(end, rows.lastKey() + 1));
    }

    @AfterAll
    static void close() throws IOException {
        collector.close();
    }

    // ---- what the API says ----

    private static String range(long from, long to) {
        return "&from=" + time(from) + "&to=" + time(to);
    }

    private static String everything() {
        return range(TsbsFleet.START_NS, end);
    }

    private static String time(long ns) {
        return Instant.ofEpochSecond(0, ns).toString();
    }

    private static long ns(String time) {
        Instant instant = Instant.parse(time);
        return instant.getEpochSecond() * 1_000_000_000L + instant.getNano();
    }

    private static double number(Map<String, String> row, String name) {
        return Double.parseDouble(Objects.requireNonNull(row.get(name), () -> name + " in " + row));
    }

    /** {@code truck channel} to the last value. */
    private static Map<String, Double> latest(String selector) throws IOException {
        Map<String, Double> found = new TreeMap<>();
        for (Map<String, String> row : collector.csv("/api/v1/latest?" + selector)) {
            found.put(row.get("device") + " " + row.get("channel"), number(row, "value"));
        }
        return found;
    }

    /** Truck to window to value. */
    private static Map<String, TreeMap<Long, Double>> windows(String query, String function) throws IOException {
        Map<String, TreeMap<Long, Double>> found = new TreeMap<>();
        for (Map<String, String> row : collector.csv("/api/v1/aggregate?fn=" + function + query)) {
            if (row.containsKey(function)) {
                found.computeIfAbsent(String.valueOf(row.get("device")), unused -> new TreeMap<>())
                        .put(ns(String.valueOf(row.get("start"))), number(row, function));
            }
        }
        return found;
    }

    // ---- what the rows say ----

    private static boolean isOf(String truck, String tag, String value) {
        return value.equals(fleet.tags.getOrDefault(truck, Map.of()).get(tag));
    }

    private static Map<String, Double> lastOf(Predicate<String> trucks, List<String> channels) {
        Map<String, Double> last = new TreeMap<>();
        fleet.rows.forEach((truck, rows) -> rows.forEach((time, fields) -> channels.forEach(channel -> {
            if (trucks.test(truck) && fields.containsKey(channel)) {
                last.put(truck + " " + channel, fields.get(channel));
            }
        })));
        return last;
    }

    /** Averages of a channel per truck and ten minutes. */
    private static Map<String, TreeMap<Long, Double>> tenMinutes(
            Predicate<String> trucks, String channel, long from, long to) {
        Map<String, TreeMap<Long, Double>> averages = new TreeMap<>();
        fleet.rows.forEach((truck, rows) -> {
            TreeMap<Long, double[]> sums = new TreeMap<>();
            rows.subMap(from, to).forEach((time, fields) -> {
                if (fields.containsKey(channel)) {
                    double[] sum = sums.computeIfAbsent(time - time % TEN_MINUTES, unused -> new double[2]);
                    sum[0] += fields.get(channel);
                    sum[1]++;
                }
            });
            if (trucks.test(truck) && !sums.isEmpty()) {
                TreeMap<Long, Double> of = new TreeMap<>();
                sums.forEach((window, sum) -> of.put(window, sum[0] / sum[1]));
                averages.put(truck, of);
            }
        });
        return averages;
    }

    private static void same(Map<String, Double> found, Map<String, Double> expected) {
        assertThat(found.keySet()).isEqualTo(expected.keySet()).isNotEmpty();
        expected.forEach((key, value) ->
                assertThat(found.get(key)).as(key).isCloseTo(value, org.assertj.core.api.Assertions.within(1e-9)));
    }

    private static Map<String, Double> count(Map<String, TreeMap<Long, Double>> windows, DoublePredicate counts) {
        Map<String, Double> found = new TreeMap<>();
        windows.forEach((truck, values) -> found.put(
                truck, (double) values.values().stream().filter(counts::test).count()));
        return found;
    }

    // ---- the questions ----

    @Test
    void q01_lastLocationOfATruck() throws IOException {
        same(
                latest("device=truck_1&channel=latitude,longitude"),
                lastOf(truck -> truck.equals("truck_1"), List.of("latitude", "longitude")));
    }

    @Test
    void q02_lastLocationsOfAFleet() throws IOException {
        same(
                latest("tag=fleet:" + FLEET + "&channel=latitude,longitude"),
                lastOf(truck -> isOf(truck, "fleet", FLEET), List.of("latitude", "longitude")));
    }

    @Test
    void q03_lowFuel() throws IOException {
        Map<String, Double> found = latest("tag=fleet:" + FLEET + "&channel=fuel_state");
        Map<String, Double> expected = lastOf(truck -> isOf(truck, "fleet", FLEET), List.of("fuel_state"));
        same(found, expected);
        found.values().removeIf(fuel -> fuel >= 0.5); // nobody is below 0.1 after a day
        expected.values().removeIf(fuel -> fuel >= 0.5);
        assertThat(found).isEqualTo(expected);
    }

    @Test
    void q04_highLoad() throws IOException {
        Map<String, Double> found = latest("channel=current_load,load_capacity");
        Map<String, Double> expected = lastOf(truck -> true, List.of("current_load", "load_capacity"));
        assertThat(overloaded(found)).isEqualTo(overloaded(expected)).isNotEmpty();
    }

    private static List<String> overloaded(Map<String, Double> last) {
        return fleet.rows.keySet().stream()
                .filter(truck -> last.getOrDefault(truck + " current_load", 0.0)
                                / last.getOrDefault(truck + " load_capacity", 1.0)
                        > 0.9)
                .toList();
    }

    @Test
    void q05_stationaryTrucks() throws IOException {
        long from = TsbsFleet.START_NS;
        Map<String, Double> found = count(
                windows("&tag=fleet:" + FLEET + "&channel=velocity" + range(from, from + TEN_MINUTES), "avg"),
                v -> v < 25);
        same(
                found,
                count(
                        tenMinutes(truck -> isOf(truck, "fleet", FLEET), "velocity", from, from + TEN_MINUTES),
                        v -> v < 25));
    }

    @Test
    void q06_q07_longSessions() throws IOException {
        for (int hours : new int[] {4, 24}) {
            long from = TsbsFleet.START_NS + 3 * TEN_MINUTES;
            long to = from + hours * 6 * TEN_MINUTES;
            Map<String, Double> found = count(
                    windows("&tag=fleet:" + FLEET + "&channel=velocity&every=10m" + range(from, to), "avg"),
                    v -> v > 1);
            same(found, count(tenMinutes(truck -> isOf(truck, "fleet", FLEET), "velocity", from, to), v -> v > 1));
            assertThat(found.values().stream().filter(buckets -> buckets > (hours == 4 ? 22 : 60)))
                    .isNotEmpty();
        }
    }

    @Test
    void q08_projectedFuelConsumption() throws IOException {
        Map<String, Double> found = new TreeMap<>();
        for (Map<String, String> row : collector.csv("/api/v1/aggregate?fn=avg&group=tag:fleet&where=velocity%3E1"
                + "&channel=fuel_consumption,nominal_fuel_consumption" + everything())) {
            if (row.containsKey("tag:fleet")) {
                found.put(row.get("tag:fleet") + " " + row.get("channel"), number(row, "avg"));
            }
        }
        Map<String, double[]> sums = new TreeMap<>();
        fleet.rows.forEach((truck, rows) -> rows.forEach((time, fields) -> {
            for (String channel : List.of("fuel_consumption", "nominal_fuel_consumption")) {
                String of = fleet.tags.getOrDefault(truck, Map.of()).get("fleet");
                if (of != null && fields.containsKey(channel) && fields.getOrDefault("velocity", 0.0) > 1) {
                    double[] sum = sums.computeIfAbsent(of + " " + channel, unused -> new double[2]);
                    sum[0] += fields.get(channel);
                    sum[1]++;
                }
            }
        }));
        Map<String, Double> expected = new TreeMap<>();
        sums.forEach((key, sum) -> expected.put(key, sum[0] / sum[1]));
        same(found, expected);
    }

    @Test
    void q09_dailyDrivingDuration() throws IOException {
        same(
                dailyHours(windows("&channel=velocity&every=10m" + everything(), "avg")),
                new TsbsOracle(fleet).dailyHours());
    }

    /** Hours of driving per day that has any, by fleet, truck and driver. */
    private static Map<String, Double> dailyHours(Map<String, TreeMap<Long, Double>> windows) {
        Map<String, Double> hours = new TreeMap<>();
        windows.forEach((truck, values) -> {
            Map<Long, Integer> days = new HashMap<>();
            values.forEach((window, velocity) -> days.merge(window / DAY, velocity > 1 ? 1 : 0, Integer::sum));
            Map<String, String> tags = fleet.tags.getOrDefault(truck, Map.of());
            hours.put(
                    tags.get("fleet") + " " + truck + " " + tags.get("driver"),
                    days.values().stream()
                            .mapToDouble(buckets -> buckets / 6.0)
                            .average()
                            .orElse(0));
        });
        return hours;
    }

    @Test
    void q10_dailyDrivingSessions() throws IOException {
        same(
                sessions(windows("&channel=velocity&every=10m" + everything(), "avg")),
                new TsbsOracle(fleet).sessionMinutes());
    }

    /** Mean minutes of a run of windows with more than 5, by truck and the day it begins on. */
    private static Map<String, Double> sessions(Map<String, TreeMap<Long, Double>> windows) {
        Map<String, List<Double>> lengths = new TreeMap<>();
        windows.forEach((truck, values) -> {
            long began = -1;
            for (Map.Entry<Long, Double> each : values.entrySet()) {
                if (each.getValue() > 5 && began < 0) {
                    began = each.getKey();
                } else if (each.getValue() <= 5 && began >= 0) {
                    lengths.computeIfAbsent(truck + " " + began / DAY, unused -> new ArrayList<>())
                            .add((each.getKey() - began) / (double) TsbsFleet.MINUTE);
                    began = -1;
                }
            }
        });
        Map<String, Double> means = new TreeMap<>();
        lengths.forEach((key, all) -> means.put(
                key, all.stream().mapToDouble(Double::doubleValue).average().orElse(0)));
        return means;
    }

    @Test
    void q11_averageLoad() throws IOException {
        Map<String, TreeMap<Long, Double>> loads = windows("&channel=current_load" + everything(), "avg");
        Map<String, Double> capacities = latest("channel=load_capacity");
        Map<String, Double> found = new TreeMap<>();
        loads.forEach((truck, values) -> found.put(
                truck, values.firstEntry().getValue() / capacities.getOrDefault(truck + " load_capacity", Double.NaN)));
        same(byModel(found), new TsbsOracle(fleet).loads());
    }

    private static Map<String, Double> byModel(Map<String, Double> byTruck) {
        Map<String, List<Double>> all = new TreeMap<>();
        byTruck.forEach((truck, value) -> {
            Map<String, String> tags = fleet.tags.getOrDefault(truck, Map.of());
            all.computeIfAbsent(tags.get("fleet") + " " + tags.get("model"), unused -> new ArrayList<>())
                    .add(value);
        });
        Map<String, Double> means = new TreeMap<>();
        all.forEach((key, values) -> means.put(
                key, values.stream().mapToDouble(Double::doubleValue).average().orElse(0)));
        return means;
    }

    @Test
    void q12_dailyActivity() throws IOException {
        same(activity(windows("&channel=status&every=10m" + everything(), "avg")), new TsbsOracle(fleet).activity());
    }

    /** Part of a day's 144 windows in which the status was below 1, by fleet, model and day. */
    private static Map<String, Double> activity(Map<String, TreeMap<Long, Double>> windows) {
        Map<String, Double> parts = new TreeMap<>();
        windows.forEach((truck, values) -> values.forEach((window, status) -> {
            Map<String, String> tags = fleet.tags.getOrDefault(truck, Map.of());
            parts.merge(
                    tags.get("fleet") + " " + tags.get("model") + " " + window / DAY,
                    status < 1 ? 1 / 144.0 : 0,
                    Double::sum);
        }));
        return parts;
    }

    @Test
    void q13_breakdowns() throws IOException {
        Map<String, TreeMap<Long, Double>> all = windows("&channel=status&every=10m" + everything(), "count");
        Map<String, TreeMap<Long, Double>> broken =
                windows("&channel=status&every=10m&where=value=0" + everything(), "count");
        Map<String, TreeMap<Long, Double>> shares = new TreeMap<>();
        all.forEach((truck, windows) ->
                windows.forEach((window, count) -> shares.computeIfAbsent(truck, unused -> new TreeMap<>())
                        .put(window, broken.getOrDefault(truck, new TreeMap<>()).getOrDefault(window, 0.0) / count)));
        same(transitions(shares), new TsbsOracle(fleet).breakdowns());
    }

    /** How often at least half of a window's readings began to say that a truck is broken, by model. */
    private static Map<String, Double> transitions(Map<String, TreeMap<Long, Double>> shares) {
        Map<String, Double> counts = new TreeMap<>();
        shares.forEach((truck, windows) -> {
            boolean before = true;
            for (double share : windows.values()) {
                boolean now = share >= 0.5;
                String model =
                        String.valueOf(fleet.tags.getOrDefault(truck, Map.of()).get("model"));
                counts.merge(model, now && !before ? 1.0 : 0.0, Double::sum);
                before = now;
            }
        });
        return counts;
    }
}
