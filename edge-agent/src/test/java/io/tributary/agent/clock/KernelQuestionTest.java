package io.tributary.agent.clock;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.clock.SyncProbe.KernelWord;
import io.tributary.agent.clock.SyncProbe.KernelWord.Says;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With programs that say what the real ones print. */
final class KernelQuestionTest {
    @TempDir
    Path directory;

    private void program(String name, String script) throws Exception {
        Path file = Files.writeString(directory.resolve(name), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private Says asked() {
        KernelQuestion question = new KernelQuestion(new SystemClock(), List.of(directory.resolve("no"), directory));
        long before = System.nanoTime();
        question.ask();
        KernelWord word = question.word();
        while (word == null) {
            Thread.onSpinWait();
            word = question.word();
        }
        assertThat(word.askedNs()).isBetween(before, System.nanoTime());
        return word.says();
    }

    @Test
    void noProgram_saysNothing() {
        assertThat(asked()).isEqualTo(Says.NOTHING);
    }

    @Test
    void adjtimex_tellsByTheLargestError() throws Exception {
        program(
                "adjtimex",
                "[ $1 = --print ] && printf '    mode: 0\\n  offset: 12\\nmaxerror: 57500\\n  status: 8257\\n'");
        assertThat(asked()).isEqualTo(Says.SYNCHRONIZED);
        program("adjtimex", "printf 'maxerror: 16000000\\nesterror: 16000000\\n  status: 64\\n'");
        assertThat(asked()).isEqualTo(Says.UNSYNCHRONIZED);
    }

    @Test
    void busybox_isAskedWhereItsAdjtimexKnowsNoOptions() throws Exception {
        program("adjtimex", "echo 'adjtimex: unrecognized option: print' >&2; exit 1");
        program("busybox", "[ $1 = adjtimex ] && printf '    maxerror:     16000000\\n    esterror:     16000000\\n'");
        assertThat(asked()).isEqualTo(Says.UNSYNCHRONIZED);
    }

    @Test
    void timedatectl_withoutSystemd_isPassedOver() throws Exception {
        program("timedatectl", "echo 'System has not been booted with systemd as init system (PID 1).'; exit 1");
        program(
                "chronyc",
                "echo 'A29FC87B,162.159.200.123,4,1795268927.04,0.000012,0.00003,0.00004,-12.1,0.0,0.1,0.01,0.002,64.7,Normal'");
        assertThat(asked()).isEqualTo(Says.SYNCHRONIZED);
        program("timedatectl", "echo no");
        assertThat(asked()).isEqualTo(Says.UNSYNCHRONIZED);
        program("timedatectl", "echo yes");
        assertThat(asked()).isEqualTo(Says.SYNCHRONIZED);
    }

    @Test
    void chronyc_withoutASource_isUnsynchronized() throws Exception {
        program("chronyc", "echo '00000000,,0,0.0,0.0,0.0,0.0,0.0,0.0,0.0,1.0,1.0,0.0,Not synchronised'");
        assertThat(asked()).isEqualTo(Says.UNSYNCHRONIZED);
    }

    @Test
    void marks_theLatestCounts() throws Exception {
        Path one = Files.createFile(directory.resolve("one"));
        Path two = Files.createFile(directory.resolve("two"));
        Files.setLastModifiedTime(one, FileTime.from(1_700_000_000_000L, TimeUnit.MILLISECONDS));
        Files.setLastModifiedTime(two, FileTime.from(1_600_000_000_000L, TimeUnit.MILLISECONDS));
        KernelQuestion question = new KernelQuestion(new SystemClock(), List.of());
        SyncProbe probe = new MachineProbe(List.of(directory.resolve("none"), one, two), question);
        assertThat(probe.markedNs()).isEqualTo(1_700_000_000_000_000_000L);
        assertThat(new MachineProbe(List.of(), question).markedNs()).isEqualTo(SyncProbe.NEVER);
        assertThat(Objects.isNull(probe.kernel())).isTrue();
    }
}
