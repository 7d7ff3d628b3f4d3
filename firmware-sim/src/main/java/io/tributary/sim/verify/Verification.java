package io.tributary.sim.verify;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * Compares ledgers with a collector. Devices with a difference are compared again until there is none or the time is
 * over: what was acknowledged may still be on its way.
 */
public final class Verification {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    private final List<Path> ledgers;
    private final CollectorAccess collector;
    private final int pageReadings;
    private final Duration wait;
    private final LongSupplier nanoTime;
    private final Pause pause;
    private volatile String progress = "";

    /** How to wait. */
    @FunctionalInterface
    public interface Pause {
        /** True when the end is requested: there will be no other comparison. */
        boolean pause(Duration duration) throws InterruptedException;
    }

    /**
     * @param ledgers in the order in which they were written
     * @param pageReadings asked for at a time
     * @param wait how long differences may last; zero: compare once
     */
    public Verification(
            List<Path> ledgers,
            CollectorAccess collector,
            int pageReadings,
            Duration wait,
            LongSupplier nanoTime,
            Pause pause) {
        this.ledgers = List.copyOf(ledgers);
        this.collector = collector;
        this.pageReadings = pageReadings;
        this.wait = wait;
        this.nanoTime = nanoTime;
        this.pause = pause;
    }

    /** Where it is; from any thread. */
    public String progress() {
        return progress;
    }

    /** @throws IOException when a ledger cannot be read or the collector cannot be asked */
    public Report run() throws IOException, InterruptedException {
        progress = "reading ledgers";
        Path directory = Files.createTempDirectory("firmware-sim-verify-");
        try (Expectations expectations = Expectations.read(ledgers, directory, SpillSorter.BUFFERED_MAX)) {
            CollectorReadings readings = new CollectorReadings(collector, pageReadings);
            DeviceComparison comparison =
                    new DeviceComparison(expectations, readings, directory, SpillSorter.BUFFERED_MAX);
            return run(expectations, comparison);
        } finally {
            delete(directory);
        }
    }

    private Report run(Expectations expectations, DeviceComparison comparison)
            throws IOException, InterruptedException {
        long deadline = nanoTime.getAsLong() + wait.toNanos();
        Account clean = new Account();
        Map<String, DeviceClass> classes = new LinkedHashMap<>();
        List<Integer> open = new ArrayList<>();
        for (int device = 0; device < expectations.devices().size(); device++) {
            open.add(device);
        }
        Duration next = FIRST_PAUSE;
        boolean stopped = false;
        while (true) {
            boolean last = stopped || nanoTime.getAsLong() - deadline >= 0;
            Map<Integer, Account> different = compareAll(open, expectations, comparison, last, clean);
            if (different.isEmpty() || last) {
                for (Map.Entry<Integer, Account> entry : different.entrySet()) {
                    String name = DeviceClass.nameOf(expectations.devices().name(entry.getKey()));
                    classes.computeIfAbsent(name, DeviceClass::new).add(entry.getValue());
                    clean.add(entry.getValue());
                }
                return new Report(
                        expectations.totals(), expectations.devices().size(), clean, List.copyOf(classes.values()));
            }
            open = List.copyOf(different.keySet());
            stopped = pause.pause(next);
            next = next.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? next.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    /** Devices with a difference; those without are added to {@code clean}. */
    private Map<Integer, Account> compareAll(
            List<Integer> devices, Expectations expectations, DeviceComparison comparison, boolean last, Account clean)
            throws IOException, InterruptedException {
        Map<Integer, Account> different = new LinkedHashMap<>();
        int done = 0;
        for (int device : devices) {
            Account account;
            try {
                account = comparison.compare(device);
            } catch (IOException e) {
                if (last) {
                    throw e;
                }
                account = new Account();
                account.count(Account.Difference.LOST);
            }
            if (account.isClean()) {
                clean.add(account);
            } else {
                different.put(device, account);
            }
            done++;
            progress = "devices " + done + " of " + devices.size() + "  readings " + clean.compared() + "  different "
                    + different.size() + " of " + expectations.devices().size();
        }
        return different;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }

    /**
     * @param totals of the ledgers
     * @param devices that the ledgers know
     * @param account over all devices
     * @param classes of the devices with differences
     */
    public record Report(LedgerTotals totals, int devices, Account account, List<DeviceClass> classes) {}
}
