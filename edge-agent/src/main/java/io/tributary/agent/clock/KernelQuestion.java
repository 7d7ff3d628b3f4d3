package io.tributary.agent.clock;

import io.tributary.agent.clock.SyncProbe.KernelWord;
import io.tributary.agent.clock.SyncProbe.KernelWord.Says;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the kernel whether its clock is synchronized. {@code adjtimex(2)} cannot be called without native code, so a program
 * of the machine does it, the first of these that is there and answers:
 *
 * <pre>
 * adjtimex --print, busybox adjtimex    synchronized while maxerror is less than 16 s, as timedated judges it, too: the
 *                                       kernel puts it there when somebody sets the clock, and lets it grow by 500 ppm;
 *                                       STA_UNSYNC is no measure, chrony leaves it set without rtcsync
 * timedatectl show                      NTPSynchronized, which is that
 * chronyc -c -n tracking                leap status
 * </pre>
 *
 * <p>Asked at the start, after a step, and every ten minutes while the time is not known. One short-lived thread at a time,
 * {@code clock-probe}; any thread may call.
 */
public final class KernelQuestion {
    private static final Logger LOG = LoggerFactory.getLogger(KernelQuestion.class);
    private static final long UNSYNCHRONIZED_MICROS = 16_000_000;
    /** On a small board timedatectl first has to have timedated started. */
    private static final long PATIENCE_SECONDS = 5;

    private static final int OUTPUT_MAX = 4096;
    private static final Pattern MAX_ERROR = Pattern.compile("maxerror:\\s*(\\d+)");

    private record Program(List<String> command, Function<String, Says> reader) {}

    private static final List<Program> PROGRAMS = List.of(
            new Program(List.of("adjtimex", "--print"), KernelQuestion::maxError),
            new Program(List.of("busybox", "adjtimex"), KernelQuestion::maxError),
            new Program(
                    List.of("timedatectl", "show", "--property=NTPSynchronized", "--value"), KernelQuestion::yesOrNo),
            new Program(List.of("chronyc", "-c", "-n", "tracking"), KernelQuestion::leapStatus));

    private final Clock clock;
    private final List<Path> directories;
    private final AtomicBoolean asking = new AtomicBoolean();
    private volatile @Nullable KernelWord word;

    /** @param directories where programs are looked for */
    KernelQuestion(Clock clock, List<Path> directories) {
        this.clock = clock;
        this.directories = List.copyOf(directories);
    }

    /** @param path as {@code PATH}; where administrators' programs are is looked at, too */
    public static KernelQuestion of(Clock clock, @Nullable String path) {
        String all = (path == null ? "" : path) + File.pathSeparator + "/usr/sbin" + File.pathSeparator + "/sbin";
        return new KernelQuestion(
                clock,
                Stream.of(all.split(File.pathSeparator, -1))
                        .filter(each -> each.startsWith("/"))
                        .distinct()
                        .map(Path::of)
                        .toList());
    }

    @Nullable
    KernelWord word() {
        return word;
    }

    void ask() {
        if (asking.compareAndSet(false, true)) {
            Thread thread = new Thread(this::run, "clock-probe");
            thread.setDaemon(true);
            thread.start();
        }
    }

    private void run() {
        try {
            long askedNs = clock.monotonicNs();
            Says says = Says.NOTHING;
            for (int i = 0; i < PROGRAMS.size() && says == Says.NOTHING; i++) {
                says = answer(PROGRAMS.get(i));
            }
            word = new KernelWord(says, askedNs);
        } finally {
            asking.set(false);
        }
    }

    private Says answer(Program program) {
        String name = program.command.get(0);
        Path found = directories.stream()
                .map(each -> each.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        if (found == null) {
            return Says.NOTHING;
        }
        String[] command = program.command.toArray(String[]::new);
        command[0] = found.toString();
        try {
            return program.reader.apply(output(command));
        } catch (IOException e) {
            LOG.debug("{} does not say whether the clock is synchronized", Arrays.toString(command), e);
            return Says.NOTHING;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Says.NOTHING;
        }
    }

    /** @throws IOException with what it said when it failed, or took too long */
    private static String output(String[] command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LC_ALL", "C");
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException("no answer within " + PATIENCE_SECONDS + " s");
            }
            String said =
                    new String(process.getInputStream().readNBytes(OUTPUT_MAX), StandardCharsets.ISO_8859_1).trim();
            if (process.exitValue() != 0) {
                throw new IOException("status " + process.exitValue() + ": " + said);
            }
            return said;
        } finally {
            process.destroyForcibly();
        }
    }

    private static Says maxError(String said) {
        Matcher found = MAX_ERROR.matcher(said);
        if (!found.find() || found.group(1).length() > 18) {
            return Says.NOTHING;
        }
        return Long.parseLong(found.group(1)) < UNSYNCHRONIZED_MICROS ? Says.SYNCHRONIZED : Says.UNSYNCHRONIZED;
    }

    private static Says yesOrNo(String said) {
        return switch (said) {
            case "yes" -> Says.SYNCHRONIZED;
            case "no" -> Says.UNSYNCHRONIZED;
            default -> Says.NOTHING;
        };
    }

    private static Says leapStatus(String said) {
        return switch (said.substring(said.lastIndexOf(',') + 1)) {
            case "Normal", "Insert second", "Delete second" -> Says.SYNCHRONIZED;
            case "Not synchronised" -> Says.UNSYNCHRONIZED;
            default -> Says.NOTHING;
        };
    }
}
