package io.tributary.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Replaces {@code ${env:NAME}} and {@code ${file:/path}} in values, so that secrets stay out of the file. */
final class References {
    private static final int MAX_FILE_BYTES = 64 << 10;

    private enum Mode {
        FOLLOWED,
        LITERAL,
        REFUSED
    }

    private final Mode mode;
    private final UnaryOperator<@Nullable String> environment;

    References(UnaryOperator<@Nullable String> environment) {
        this(Mode.FOLLOWED, environment);
    }

    private References(Mode mode, UnaryOperator<@Nullable String> environment) {
        this.mode = mode;
        this.environment = environment;
    }

    /** Leaves every text as it is. */
    static References none() {
        return new References(Mode.LITERAL, name -> null);
    }

    /** For whoever must not read this machine's files and variables through us. */
    static References refused() {
        return new References(Mode.REFUSED, name -> null);
    }

    /** @throws IllegalArgumentException when a reference is malformed or leads nowhere; the message names it */
    String expand(String text) {
        if (mode == Mode.LITERAL || text.indexOf("${") < 0) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        int at = 0;
        while (at < text.length()) {
            int open = text.indexOf("${", at);
            if (open < 0) {
                break;
            }
            if (open > at && text.charAt(open - 1) == '$') {
                out.append(text, at, open - 1).append("${");
                at = open + 2;
                continue;
            }
            int close = text.indexOf('}', open);
            if (close < 0) {
                throw new IllegalArgumentException("has \"${\" without \"}\"; write $${ for a literal ${");
            }
            out.append(text, at, open).append(resolve(text.substring(open + 2, close)));
            at = close + 1;
        }
        return out.append(text, at, text.length()).toString();
    }

    private String resolve(String reference) {
        if (mode == Mode.REFUSED) {
            throw new IllegalArgumentException("refers to \"${" + reference
                    + "}\", which would be read on this machine; expected the value itself, or $${ for a literal ${");
        }
        if (reference.startsWith("env:")) {
            String name = reference.substring(4);
            String value = name.isEmpty() ? null : environment.apply(name);
            if (value == null) {
                throw new IllegalArgumentException("environment variable \"" + name + "\" is not set");
            }
            return value;
        }
        if (reference.startsWith("file:")) {
            return fileText(reference.substring(5));
        }
        throw new IllegalArgumentException(
                "unknown reference \"${" + reference + "}\", expected ${env:NAME} or ${file:/path}");
    }

    private static String fileText(String name) {
        try (var in = Files.newInputStream(Path.of(name))) {
            byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
            if (bytes.length > MAX_FILE_BYTES) {
                throw new IllegalArgumentException("file \"" + name + "\" is larger than 64 KiB, expected a secret");
            }
            String text = new String(bytes, StandardCharsets.UTF_8);
            int end = text.length();
            while (end > 0 && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
                end--;
            }
            return text.substring(0, end);
        } catch (IOException | InvalidPathException e) {
            throw new IllegalArgumentException("file \"" + name + "\" cannot be read", e);
        }
    }
}
