package io.tributary.agent.clock;

import io.tributary.tls.CertificateTime;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows whether the wall clock can be believed, and what the true time of a stamp was when it could not. Any thread.
 *
 * <pre>
 *             nobody has confirmed it since the boot                     PLAUSIBLE   stamps wait until somebody does
 *             the machine says so, or the collector agrees               RIGHT
 *             below the floor; stepped; the collector disagrees          WRONG       stamps wait for their correction
 * </pre>
 *
 * <p>The monotonic clock of a boot never steps. When the wall clock becomes right, or the collector's is compared, that gives
 * the <i>origin</i> of the boot: the true time of monotonic 0. A stamp with its monotonic time is then corrected exactly,
 * whatever the wall clock did in between.
 */
public final class ClockKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(ClockKeeper.class);
    /** Smaller differences are slewing and rounding. */
    public static final long STEP_NS = 500_000_000L;

    private static final long SAVE_NS = TimeUnit.MINUTES.toNanos(10);

    /** How far the wall clock is believed. */
    public enum Quality {
        RIGHT,
        PLAUSIBLE,
        WRONG
    }

    private final Clock clock;
    private final ClockTrust trust;
    private final long boot;
    private final long builtNs;
    private final ClockMemory memory;

    // Guarded by this.
    private final MachineClaim machine;
    private Quality quality;
    /** No clock can be right below: the build date, or the latest time known at the start. */
    private long floorNs;
    /** Wall minus monotonic when last looked. */
    private long lastDifferenceNs;
    /** True time of this boot's monotonic 0, as far as it is known. */
    private ClockMemory.@Nullable Origin origin;

    private MachineClaim.Claim vouched = MachineClaim.Claim.NONE;
    private boolean warned;
    private long savedNs;

    /**
     * @param boot {@link Boot#current}
     * @param builtNs no clock can be right before the program was built
     * @param file where the latest time is kept
     */
    public ClockKeeper(Clock clock, SyncProbe probe, ClockTrust trust, long boot, long builtNs, Path file) {
        this.clock = clock;
        this.trust = trust;
        this.boot = boot;
        this.builtNs = builtNs;
        this.memory = ClockMemory.load(file);
        this.floorNs = Math.max(builtNs, memory.seenNs());
        this.origin = memory.origin(boot);
        long monotonic = clock.monotonicNs();
        this.machine = new MachineClaim(probe, monotonic);
        this.lastDifferenceNs = clock.wallNs() - monotonic;
        this.savedNs = monotonic - SAVE_NS;
        if (origin != null) {
            // Another process of this boot has found it out.
            this.quality = agrees(lastDifferenceNs, monotonic) ? Quality.RIGHT : Quality.WRONG;
        } else {
            this.quality = clock.wallNs() < floorNs ? Quality.WRONG : Quality.PLAUSIBLE;
        }
        if (quality == Quality.WRONG) {
            LOG.warn(
                    "the clock says {}, which is before {} or not what it was: readings are held until it is right",
                    time(clock.wallNs()),
                    time(floorNs));
        }
        tick();
    }

    private static Instant time(long ns) {
        return Instant.ofEpochSecond(ns / 1_000_000_000L);
    }

    public synchronized Quality quality() {
        return quality;
    }

    /** Both clocks at one moment; a step between the two readings is noticed and read again. */
    public synchronized ClockStamp stamp() {
        tick();
        return new ClockStamp(boot, clock.wallNs(), clock.monotonicNs());
    }

    /** True when stamps of this moment have to be confirmed or corrected before they are sent. */
    public synchronized boolean isUncertain() {
        return quality != Quality.RIGHT;
    }

    /** Looks at the clock: steps, the floor, what the machine says. At least every few seconds, and with every stamp. */
    public synchronized void tick() {
        long monotonic = clock.monotonicNs();
        long wall = clock.wallNs();
        long difference = wall - monotonic;
        long step = difference - lastDifferenceNs;
        boolean stepped = Math.abs(step) > STEP_NS;
        lastDifferenceNs = difference;
        if (stepped) {
            LOG.warn("the clock was set by {} ms", step / 1_000_000);
            machine.stepped(wall, monotonic);
        }
        MachineClaim.Claim claim = machine.look(wall, monotonic, quality == Quality.RIGHT);
        if (isBelieved(claim, wall, monotonic)) {
            if (vouched.compareTo(claim) < 0 || stepped || quality != Quality.RIGHT) {
                // The service has just set it, to within what it slews afterwards.
                found(difference, STEP_NS, monotonic, claim);
                quality = Quality.RIGHT;
            }
            vouched = claim;
        } else {
            vouched = MachineClaim.Claim.NONE;
            if (stepped || wall < floorNs) {
                quality = agrees(difference, monotonic) ? Quality.RIGHT : Quality.WRONG;
            }
        }
        if (quality == Quality.RIGHT) {
            memory.seen(wall);
        }
        if (monotonic - savedNs >= SAVE_NS) {
            savedNs = monotonic;
            memory.save();
        }
    }

    /** Whether what the machine claims counts, also against what the collector has shown. */
    private boolean isBelieved(MachineClaim.Claim claim, long wall, long monotonic) {
        if (claim == MachineClaim.Claim.NONE || wall < builtNs) {
            return false;
        }
        if (isStrong(claim)) {
            return true;
        }
        ClockMemory.Origin known = origin;
        boolean isDenied =
                known != null && !agrees(wall - monotonic, monotonic) && (known.compared() || !machine.hasStepped());
        // A mark does not outweigh the latest time that was known for right.
        return !isDenied && (claim == MachineClaim.Claim.KERNEL || wall >= floorNs);
    }

    /** Whether the collector is not heard against it. */
    private boolean isStrong(MachineClaim.Claim claim) {
        return switch (trust) {
            case AUTO -> claim == MachineClaim.Claim.KERNEL;
            case MACHINE -> claim != MachineClaim.Claim.NONE;
            case COLLECTOR -> false;
        };
    }

    /** Whether the wall clock fits what is known of this boot. */
    private boolean agrees(long difference, long monotonic) {
        ClockMemory.Origin known = origin;
        return known != null && Math.abs(difference - known.trueNs()) <= STEP_NS + known.errorNs(monotonic);
    }

    /** The collector's clock was compared; it is taken for right unless this machine knows better. */
    public synchronized void compared(ClockOffset offset) {
        tick();
        long monotonic = clock.monotonicNs();
        long trueDifference = lastDifferenceNs + offset.offsetNs();
        if (trueDifference + monotonic + offset.errorNs() < builtNs) {
            LOG.warn(
                    "the collector's clock says {}, which is before this program was built: it is not believed",
                    time(trueDifference + monotonic));
            return;
        }
        boolean differs = Math.abs(offset.offsetNs()) > STEP_NS + offset.errorNs();
        if (differs && !warned) {
            LOG.warn(
                    "the collector's clock is {} ms ahead of this one{}",
                    offset.offsetNs() / 1_000_000,
                    isStrong(vouched) ? ", which the machine says is right and is believed" : "");
        }
        warned = differs;
        if (isStrong(vouched)) {
            if (differs) {
                machine.doubted();
            }
            return;
        }
        found(trueDifference, offset.errorNs(), monotonic, null);
        quality = differs ? Quality.WRONG : Quality.RIGHT;
        if (differs) {
            vouched = MachineClaim.Claim.NONE;
        }
    }

    /** @param claim null: the collector says so */
    private void found(long trueNs, long errorNs, long monotonic, MachineClaim.@Nullable Claim claim) {
        ClockMemory.Origin known = origin;
        long knownErrorNs = known == null ? 0 : known.errorNs(monotonic);
        boolean contradicts = known != null && Math.abs(known.trueNs() - trueNs) > errorNs + knownErrorNs;
        if (known != null && !contradicts && errorNs > knownErrorNs) {
            return;
        }
        ClockMemory.Origin fresh = new ClockMemory.Origin(trueNs, errorNs, monotonic, claim == null);
        origin = fresh;
        memory.origin(boot, fresh);
        long nowNs = trueNs + monotonic;
        if (claim != MachineClaim.Claim.MARK && memory.seenNs() > nowNs + errorNs + STEP_NS) {
            LOG.warn("it is {}, and was said to be {} before: that was wrong", time(nowNs), time(memory.seenNs()));
            memory.seenIs(nowNs);
            floorNs = Math.max(builtNs, nowNs - errorNs);
        }
        memory.seen(nowNs);
        if (known == null || contradicts) {
            savedNs = monotonic;
            memory.save();
        }
    }

    /** How far a stamp was wrong; null when that is not known, which it may be later unless {@link #isHopeless}. */
    public synchronized @Nullable ClockCorrection correction(ClockStamp stamp) {
        ClockMemory.Origin known = stamp.boot() == boot ? origin : memory.origin(stamp.boot());
        if (known == null) {
            return null;
        }
        return new ClockCorrection(
                known.trueNs() + stamp.monotonicNs() - stamp.wallNs(), known.errorNs(stamp.monotonicNs()));
    }

    /** True for a boot that ended before its clock was right. */
    public synchronized boolean isHopeless(ClockStamp stamp) {
        return stamp.boot() != boot && memory.origin(stamp.boot()) == null;
    }

    /**
     * The time for counting ages, which no wrong clock can push ahead: while the time is not known it is the latest that
     * was known.
     */
    public synchronized long ageNowNs() {
        tick();
        if (quality == Quality.RIGHT) {
            return clock.wallNs();
        }
        ClockMemory.Origin known = origin;
        return known != null ? known.trueNs() + clock.monotonicNs() : memory.seenNs();
    }

    /** Whether {@link #ageNowNs} is the time, and not only the latest one that was ever known. */
    public synchronized boolean knowsTime() {
        return quality == Quality.RIGHT || origin != null;
    }

    /**
     * For certificates: the time when the clock is right, else one that is past for certain: of the program's build, of the
     * last run, or what the collector's clock has shown since.
     */
    public CertificateTime certificateTime() {
        return new CertificateTime() {
            @Override
            public Instant now() {
                return Instant.ofEpochSecond(0, Math.max(floorNs, ageNowNs()));
            }

            @Override
            public boolean isCertain() {
                return quality() == Quality.RIGHT;
            }
        };
    }

    /** Saves what a reboot has to know. */
    public synchronized void close() {
        tick();
        memory.save();
    }
}
