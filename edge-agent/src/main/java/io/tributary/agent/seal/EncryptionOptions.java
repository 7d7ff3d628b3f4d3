package io.tributary.agent.seal;

import io.tributary.config.Default;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code outbox.encryption} of the configuration.
 *
 * @param enabled false: what is written from here on is plain, what is sealed stays readable by the keys named here
 * @param keyFile 32 bytes, or their 64 hexadecimal digits; readable by its owner alone
 * @param keyCommand instead of a file: program and arguments, run once at start, whose output is the key
 * @param oldKeys keys that are read with and no longer written with
 */
public record EncryptionOptions(
        @Default("true") boolean enabled,
        @Nullable Path keyFile,
        @Nullable List<String> keyCommand,
        @Default("[]") List<KeySource> oldKeys) {
    public EncryptionOptions {
        if (keyFile != null || keyCommand != null) {
            new KeySource(keyFile, keyCommand);
        } else if (enabled) {
            throw new IllegalArgumentException("neither key-file nor key-command, expected one of the two");
        }
        keyCommand = keyCommand == null ? null : List.copyOf(keyCommand);
        oldKeys = List.copyOf(oldKeys);
    }

    /** The current key first, when there is one. */
    List<KeySource> sources() {
        List<KeySource> sources = new ArrayList<>();
        if (keyFile != null || keyCommand != null) {
            sources.add(new KeySource(keyFile, keyCommand));
        }
        sources.addAll(oldKeys);
        return sources;
    }
}
