package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileWatchTest {
    @TempDir
    Path directory;

    private Path file;
    private int changes;
    private FileWatch watch;

    @BeforeEach
    void begin() throws Exception {
        file = directory.resolve("agent.yaml");
        Files.writeString(file, "a: 1");
        watch = new FileWatch(file, () -> changes++);
        watch.remember();
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            watch.look();
        }
    }

    @Test
    void change_isToldOnce_whenItHasSettled() throws Exception {
        look(3);
        assertThat(changes).isZero();
        Files.writeString(file, "a: ");
        look(1);
        Files.writeString(file, "a: 2");
        look(1);
        assertThat(changes).isZero(); // it was still being written
        look(3);
        assertThat(changes).isEqualTo(1);
    }

    @Test
    void replacement_isAChange() throws Exception {
        Path next = Files.writeString(directory.resolve("next"), "a: 3");
        Files.delete(file);
        look(2);
        assertThat(changes).isZero();
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
        look(2);
        assertThat(changes).isEqualTo(1);
    }

    @Test
    void sameContentAgain_isNoChange() throws Exception {
        Files.writeString(file, "b: 1");
        look(1);
        Files.writeString(file, "a: 1");
        look(3);
        assertThat(changes).isZero();
    }

    @Test
    void whatFollows_mayFail() throws Exception {
        FileWatch failing = new FileWatch(file, () -> {
            changes++;
            throw new IllegalStateException("by the test");
        });
        failing.remember();
        for (String text : new String[] {"a: 5", "a: 6"}) {
            Files.writeString(file, text);
            failing.look();
            failing.look();
        }
        assertThat(changes).isEqualTo(2);
    }
}
