package io.tributary.agent.seal;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a key comes from: exactly one of the two.
 *
 * @param keyFile 32 bytes, or their 64 hexadecimal digits; readable by its owner alone
 * @param keyCommand program and arguments, run once at start, whose output is the key: what unseals it by a TPM
 */
public record KeySource(@Nullable Path keyFile, @Nullable List<String> keyCommand) {
    public KeySource {
        if ((keyFile == null) == (keyCommand == null)) {
            throw new IllegalArgumentException((keyFile == null ? "neither" : "both") + " key-file"
                    + (keyFile == null ? " nor " : " and ") + "key-command, expected one of the two");
        }
        if (keyCommand != null && keyCommand.isEmpty()) {
            throw new IllegalArgumentException("key-command is empty, expected a program and its arguments");
        }
        keyCommand = keyCommand == null ? null : List.copyOf(keyCommand);
    }

    /** For messages: never the key. */
    @Override
    public String toString() {
        return keyFile != null ? "key-file " + keyFile : "key-command " + (keyCommand == null ? "" : keyCommand.get(0));
    }
}
