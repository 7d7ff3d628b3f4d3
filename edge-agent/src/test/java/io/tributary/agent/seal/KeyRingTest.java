package io.tributary.agent.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeyRingTest {
    private static final String HEX = "5a".repeat(31) + "01";

    @TempDir
    Path directory;

    @Test
    void bytesHexAndCommand_giveTheSameKey() throws Exception {
        long raw = load(file("raw", HexFormat.of().parseHex(HEX), "rw-------"), null)
                .currentId();
        assertThat(load(file("hex", (HEX + "\n").getBytes("US-ASCII"), "r--------"), null)
                        .currentId())
                .isEqualTo(raw);
        assertThat(load(null, List.of("sh", "-c", "echo " + HEX)).currentId()).isEqualTo(raw);
    }

    @Test
    void keyThatOthersMayRead_isRefused() throws Exception {
        Path file = file("open", HexFormat.of().parseHex(HEX), "rw-r-----");

        assertThatThrownBy(() -> load(file, null))
                .hasMessage("outbox.encryption: key-file " + file
                        + " has mode rw-r-----, expected rw-------: chmod 600 " + file);
    }

    @Test
    void whatIsNoKey_isToldWithoutItsContent() throws Exception {
        Path absent = directory.resolve("absent");
        Path shortOne = file("short", "secret".getBytes("US-ASCII"), "rw-------");
        Path notHex = file("text", "x".repeat(64).getBytes("US-ASCII"), "rw-------");

        assertThatThrownBy(() -> load(absent, null)).hasMessageContaining(absent + " is not there");
        assertThatThrownBy(() -> load(shortOne, null))
                .hasMessageContaining("gives 6 bytes, expected 32 bytes or 64 hexadecimal digits")
                .hasMessageNotContaining("secret");
        assertThatThrownBy(() -> load(notHex, null)).hasMessageContaining("gives 64 bytes");
        assertThatThrownBy(() -> load(null, List.of("sh", "-c", "echo " + HEX + "; exit 3")))
                .hasMessageContaining("key-command sh ended with 3, expected 0")
                .hasMessageNotContaining(HEX);
        assertThatThrownBy(() -> load(null, List.of("/nonexistent/unseal")))
                .hasMessageContaining("key-command /nonexistent/unseal cannot be run");
    }

    @Test
    void sameKeyTwice_isRefused() throws Exception {
        Path one = file("one", HexFormat.of().parseHex(HEX), "rw-------");
        Path two = file("two", HEX.getBytes("US-ASCII"), "rw-------");
        EncryptionOptions options = new EncryptionOptions(true, one, null, List.of(new KeySource(two, null)));

        assertThatThrownBy(() -> KeyRing.load(options)).hasMessageContaining(two + " is a key that is named before it");
    }

    @Test
    void switchedOff_readsAndWritesPlain() throws Exception {
        Path one = file("one", HexFormat.of().parseHex(HEX), "rw-------");
        KeyRing on = KeyRing.load(new EncryptionOptions(true, one, null, List.of()));
        KeyRing off = KeyRing.load(new EncryptionOptions(false, one, null, List.of()));

        assertThat(off.writes()).isFalse();
        assertThat(off.holds(on.currentId())).isTrue();
        assertThat(KeyRing.load(null).writes()).isFalse();
        assertThatThrownBy(() -> new EncryptionOptions(true, null, null, List.of()))
                .hasMessage("neither key-file nor key-command, expected one of the two");
        assertThatThrownBy(() -> new KeySource(one, List.of("x")))
                .hasMessageContaining("both key-file and key-command");
    }

    private KeyRing load(@Nullable Path file, @Nullable List<String> command) throws Exception {
        return KeyRing.load(new EncryptionOptions(true, file, command, List.of()));
    }

    private Path file(String name, byte[] content, String mode) throws Exception {
        Path file = directory.resolve(name);
        Files.write(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        return file;
    }
}
