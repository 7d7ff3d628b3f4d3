package io.tributary.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.Node;

/**
 * Reads YAML into records.
 *
 * <p>A record component is a key, in kebab case ({@code lingerMillis} is {@code linger-millis}). A key may be absent when
 * its component has {@link Default}, is {@code @Nullable}, or is a record whose own keys may all be absent. Component
 * types: String, boolean, int, long, double (and their boxes), enums (kebab case), Duration, {@link ByteSize}, {@link
 * HostPort}, {@link Secret}, Path, ZoneId, any type with {@code public static T parse(String)}, List, Map with String
 * keys, records, and sealed interfaces of records, chosen by the key {@code type} and {@link TypeName}. An
 * IllegalArgumentException from a compact constructor is a problem of the file like any other.
 *
 * <p>Values may hold {@code ${env:NAME}} and {@code ${file:/path}} (trailing line break removed); {@code $${} stands for
 * {@code ${}. Messages show the reference, never what it stands for.
 *
 * <p>An own binder because every problem shall be told at once with line and column, which object mappers do not do:
 * they stop at the first, and lose the location of unknown keys of records.
 */
public final class ConfigReader {
    /** A configuration written by hand stays far below; a wrong file (a database, a log) does not. */
    static final int MAX_BYTES = 1 << 20;

    private ConfigReader() {}

    /** @throws ConfigException with every problem of the file, also when it cannot be read */
    public static <R extends Record> R read(Path file, Class<R> type) throws ConfigException {
        return parse(text(file), file.toString(), type);
    }

    /**
     * @param name what messages call the document
     * @throws ConfigException with every problem of the document
     */
    public static <R extends Record> R parse(String yaml, String name, Class<R> type) throws ConfigException {
        return parse(yaml, name, type, System::getenv);
    }

    /**
     * For documents of somebody else: every value stands for itself, references are not followed.
     *
     * @throws ConfigException with every problem of the document
     */
    public static <R extends Record> R parseLiteral(String yaml, String name, Class<R> type) throws ConfigException {
        return parse(yaml, name, type, References.none());
    }

    /**
     * For a configuration that comes over the network: references are problems, as they would read files and variables of
     * this machine for whoever sent it.
     *
     * @throws ConfigException with every problem of the document
     */
    public static <R extends Record> R parseForeign(String yaml, String name, Class<R> type) throws ConfigException {
        return parse(yaml, name, type, References.refused());
    }

    static <R extends Record> R parse(
            String yaml, String name, Class<R> type, UnaryOperator<@Nullable String> environment)
            throws ConfigException {
        return parse(yaml, name, type, new References(environment));
    }

    private static <R extends Record> R parse(String yaml, String name, Class<R> type, References references)
            throws ConfigException {
        Problems problems = new Problems(name);
        Node root = YamlTree.parse(yaml, problems);
        problems.throwIfAny();
        RecordBinder binder = new RecordBinder(problems, references);
        Object bound = binder.bind(root, type, "");
        problems.throwIfAny();
        return type.cast(Objects.requireNonNull(bound));
    }

    private static String text(Path file) throws ConfigException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw failure(file, "larger than 1 MiB, expected a configuration file");
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw failure(file, "not UTF-8 text");
        } catch (NoSuchFileException e) {
            throw failure(file, "no such file");
        } catch (AccessDeniedException e) {
            throw failure(file, "permission denied");
        } catch (IOException e) {
            throw failure(file, "cannot be read: " + e.getMessage());
        }
    }

    private static ConfigException failure(Path file, String message) {
        return new ConfigException(List.of(new ConfigProblem(file.toString(), 0, 0, "", message)));
    }
}
