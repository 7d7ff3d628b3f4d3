package io.tributary.agent.seal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The keys of an outbox: at most one that is written with, all that are read with. Immutable. */
public final class KeyRing {
    /** For a TPM that answers slowly; a command that asks a person is not meant to be here. */
    private static final long COMMAND_SECONDS = 30;
    /** Room for 64 digits and a line end of any kind. */
    private static final int INPUT_BYTES_MAX = 256;

    private static final Set<PosixFilePermission> OWNER_ALONE = PosixFilePermissions.fromString("rwx------");

    private final @Nullable MasterKey current;
    private final Map<Long, MasterKey> byId;

    private KeyRing(@Nullable MasterKey current, Map<Long, MasterKey> byId) {
        this.current = current;
        this.byId = byId;
    }

    /** Without keys: writes plain, opens nothing. */
    public static KeyRing none() {
        return new KeyRing(null, Map.of());
    }

    /** @throws IOException a key cannot be had; the message names its place, never its content */
    public static KeyRing load(@Nullable EncryptionOptions options) throws IOException {
        if (options == null) {
            return none();
        }
        Map<Long, MasterKey> byId = new LinkedHashMap<>();
        MasterKey first = null;
        for (KeySource source : options.sources()) {
            byte[] input = source.keyFile() != null
                    ? fromFile(source.keyFile())
                    : fromCommand(Objects.requireNonNull(source.keyCommand()));
            MasterKey key = key(source, input);
            if (byId.putIfAbsent(key.id(), key) != null) {
                throw new IOException("outbox.encryption: " + source + " is a key that is named before it");
            }
            first = first == null ? key : first;
        }
        return new KeyRing(options.enabled() ? first : null, byId);
    }

    /** For tests and measurements. */
    public static KeyRing of(byte[] current, byte[]... old) {
        Map<Long, MasterKey> byId = new LinkedHashMap<>();
        MasterKey first = new MasterKey(current);
        byId.put(first.id(), first);
        for (byte[] each : old) {
            MasterKey key = new MasterKey(each);
            byId.put(key.id(), key);
        }
        return new KeyRing(first, byId);
    }

    private static MasterKey key(KeySource source, byte[] input) throws IOException {
        byte[] bytes = input;
        if (input.length != MasterKey.BYTES) {
            String text = new String(input, StandardCharsets.ISO_8859_1).strip();
            try {
                bytes = HexFormat.of().parseHex(text);
            } catch (IllegalArgumentException e) {
                bytes = new byte[0];
            }
        }
        try {
            if (bytes.length != MasterKey.BYTES) {
                throw new IOException("outbox.encryption: " + source + " gives " + input.length
                        + " bytes, expected 32 bytes or 64 hexadecimal digits");
            }
            return new MasterKey(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
            Arrays.fill(input, (byte) 0);
        }
    }

    private static byte[] fromFile(Path file) throws IOException {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
            if (!OWNER_ALONE.containsAll(mode)) {
                throw new IOException("outbox.encryption: key-file " + file + " has mode "
                        + PosixFilePermissions.toString(mode) + ", expected rw-------: chmod 600 " + file);
            }
            if (!Files.isRegularFile(file)) {
                throw new IOException("outbox.encryption: key-file " + file + " is not a file");
            }
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(INPUT_BYTES_MAX);
            }
        } catch (NoSuchFileException e) {
            throw new IOException("outbox.encryption: key-file " + file + " is not there", e);
        } catch (java.nio.file.AccessDeniedException e) {
            throw new IOException("outbox.encryption: key-file " + file + " cannot be read by this user", e);
        }
    }

    /** Its errors go to ours, its output nowhere but here. */
    private static byte[] fromCommand(List<String> command) throws IOException {
        String what = "outbox.encryption: key-command " + command.get(0);
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
        } catch (IOException e) {
            throw new IOException(what + " cannot be run: " + e.getMessage(), e);
        }
        try (InputStream out = process.getInputStream()) {
            process.getOutputStream().close();
            byte[] output = out.readNBytes(INPUT_BYTES_MAX);
            if (!process.waitFor(COMMAND_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(what + " has not ended within " + COMMAND_SECONDS + " s");
            }
            if (process.exitValue() != 0) {
                Arrays.fill(output, (byte) 0);
                throw new IOException(what + " ended with " + process.exitValue() + ", expected 0");
            }
            return output;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(what + " was interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }

    /** True when new records are sealed. */
    public boolean writes() {
        return current != null;
    }

    /** @throws IllegalStateException when nothing is written with */
    public long currentId() {
        if (current == null) {
            throw new IllegalStateException("BUG: there is no current key");
        }
        return current.id();
    }

    public boolean holds(long id) {
        return byId.containsKey(id);
    }

    @Nullable
    MasterKey current() {
        return current;
    }

    @Nullable
    MasterKey key(long id) {
        return byId.get(id);
    }

    /** IDs of all keys, for messages. */
    public String names() {
        TreeSet<String> names = new TreeSet<>();
        byId.keySet().forEach(id -> names.add(RecordSeal.name(id)));
        return names.isEmpty() ? "none" : String.join(", ", names);
    }
}
