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
 *             wall above the floor, no step unexplained                  PLAUSIBLE
 *             the machine says so, or the collector agrees               RIGHT
 *             below the floor; stepped; the collector disagrees          WRONG     stamps wait for their correction
 * </pre>
 *
 * <p>The monotonic clock of a boot never steps. When the wall clock becomes right, or the collector's is compared, that gives
 * the <i>origin</i> of the boot: the true time of monotonic 0. A stamp with its monotonic time is then corrected exactly,
 * whatever the wall clock did in between.
 */
public final class ClockKeeper {
    private static final Logger LOG = LoggerFactory.getLogger(ClockKeeper.class);
    /** Smaller differences are slewing and rounding. */
    private static final long STEP_NS = 500_000_000L;
    /** A quartz in the sun runs wrong by some 50 ppm; what is measured is that much less certain after a while. */
    private static final long DRIFT_PPM = 50;

    private static final long ASK_NS = TimeUnit.SECONDS.toNanos(1);
    private static final long SAVE_NS = TimeUnit.MINUTES.toNanos(10);

    /** How far the wall clock is believed. */
    public enum Quality {
        RIGHT,
        PLAUSIBLE,
        WRONG
    }

    private final Clock clock;
    private final SyncProbe probe;
    private final long boot;
    private final long floorNs;
    private final ClockMemory memory;

    // Guarded by this.
    private Quality quality;
    /** Wall minus monotonic when last looked. */
    private long lastDifferenceNs;
    /** True time of this boot's monotonic 0, as far as it is known, and when it was found. */
    private ClockMemory.@Nullable Origin origin;

    private long originMonotonicNs;
    private boolean probed;
    private long askedNs;
    private SyncProbe.Answer answer = SyncProbe.Answer.UNKNOWN;
    private long savedNs;

    /**
     * @param boot {@link Boot#current}
     * @param builtNs no clock can be right before the program was built
     * @param file where the latest time is kept
     */
    public ClockKeeper(Clock clock, SyncProbe probe, long boot, long builtNs, Path file) {
        this.clock = clock;
        this.probe = probe;
        this.boot = boot;
        this.memory = ClockMemory.load(file);
        this.floorNs = Math.max(builtNs, memory.seenNs());
        this.origin = memory.origin(boot);
        this.originMonotonicNs = clock.monotonicNs();
        this.lastDifferenceNs = clock.wallNs() - clock.monotonicNs();
        this.askedNs = clock.monotonicNs() - ASK_NS;
        this.savedNs = clock.monotonicNs() - SAVE_NS;
        this.quality = clock.wallNs() < floorNs ? Quality.WRONG : Quality.PLAUSIBLE;
        if (quality == Quality.WRONG) {
            LOG.warn(
                    "the clock says {}, which is before {}: readings are held until it is right",
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

    /** True when stamps of this moment have to be corrected before they are sent. */
    public synchronized boolean isUncertain() {
        return quality == Quality.WRONG;
    }

    private SyncProbe.Answer ask(long monotonic) {
        if (monotonic - askedNs >= ASK_NS) {
            askedNs = monotonic;
            answer = probe.ask();
        }
        return answer;
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
            askedNs = monotonic - ASK_NS;
        }
        boolean synchronizedNow = ask(monotonic) == SyncProbe.Answer.SYNCHRONIZED && wall >= floorNs;
        if (stepped) {
            LOG.warn("the clock was set by {} ms", step / 1_000_000);
        }
        if (synchronizedNow) {
            if (!probed || stepped || quality == Quality.WRONG) {
                // The service has just set it, to within what it slews afterwards.
                found(difference, STEP_NS, monotonic);
                quality = Quality.RIGHT;
            }
        } else if (stepped || wall < floorNs) {
            quality = agrees(difference, monotonic) ? Quality.RIGHT : Quality.WRONG;
        }
        probed = synchronizedNow;
        if (quality != Quality.WRONG) {
            memory.seen(wall);
        }
        if (monotonic - savedNs >= SAVE_NS) {
            savedNs = monotonic;
            memory.save();
        }
    }

    /** Whether the wall clock fits what is known of this boot. */
    private boolean agrees(long difference, long monotonic) {
        ClockMemory.Origin known = origin;
        return known != null && Math.abs(difference - known.trueNs()) <= STEP_NS + error(known, monotonic);
    }

    /** The collector's clock was compared; it is taken for right unless this machine knows better. */
    public synchronized void compared(ClockOffset offset) {
        tick();
        long monotonic = clock.monotonicNs();
        if (quality == Quality.RIGHT && probed) {
            return;
        }
        long trueDifference = lastDifferenceNs + offset.offsetNs();
        found(trueDifference, offset.errorNs(), monotonic);
        quality = Math.abs(offset.offsetNs()) <= STEP_NS + offset.errorNs() ? Quality.RIGHT : Quality.WRONG;
    }

    private void found(long trueNs, long errorNs, long monotonic) {
        ClockMemory.Origin known = origin;
        boolean replaces = known == null
                || errorNs <= error(known, monotonic)
                || Math.abs(known.trueNs() - trueNs) > errorNs + error(known, monotonic);
        if (replaces) {
            ClockMemory.Origin fresh = new ClockMemory.Origin(trueNs, errorNs);
            origin = fresh;
            originMonotonicNs = monotonic;
            memory.origin(boot, fresh);
            memory.seen(trueNs + monotonic);
            if (known == null) {
                savedNs = monotonic;
                memory.save();
            }
        }
    }

    private long error(ClockMemory.Origin known, long monotonic) {
        return known.errorNs() + Math.abs(monotonic - originMonotonicNs) / 1_000_000 * DRIFT_PPM;
    }

    /** How far a stamp was wrong; null when that is not known, which it may be later unless {@link #isHopeless}. */
    public synchronized @Nullable ClockCorrection correction(ClockStamp stamp) {
        ClockMemory.Origin known = stamp.boot() == boot ? origin : memory.origin(stamp.boot());
        if (known == null) {
            return null;
        }
        long error = stamp.boot() == boot ? error(known, stamp.monotonicNs()) : known.errorNs() + STEP_NS;
        return new ClockCorrection(known.trueNs() + stamp.monotonicNs() - stamp.wallNs(), error);
    }

    /** True for a boot that ended before its clock was right. */
    public synchronized boolean isHopeless(ClockStamp stamp) {
        return stamp.boot() != boot && memory.origin(stamp.boot()) == null;
    }

    /**
     * The time for counting ages, which no wrong clock can push ahead: while the wall clock is not believed it is the
     * latest believed one.
     */
    public synchronized long ageNowNs() {
        tick();
        ClockMemory.Origin known = origin;
        if (quality != Quality.WRONG) {
            return clock.wallNs();
        }
        return known != null ? known.trueNs() + clock.monotonicNs() : memory.seenNs();
    }

    /** Whether {@link #ageNowNs} is the time, and not only the latest one that was ever seen. */
    public synchronized boolean knowsTime() {
        return quality != Quality.WRONG || origin != null;
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
