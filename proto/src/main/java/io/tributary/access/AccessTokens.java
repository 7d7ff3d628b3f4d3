package io.tributary.access;

import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.config.SafeFiles;
import io.tributary.pki.EnrolmentToken;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes, finds and takes back tokens. A token is 256 random bits, so that what is kept of it is a plain hash; it is
 * compared in constant time. The files are looked at again once a second. Any thread.
 */
public final class AccessTokens {
    private static final Logger LOG = LoggerFactory.getLogger(AccessTokens.class);
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final int TOKEN_BYTES = 32;
    /** Every request is compared with every token. */
    private static final int TOKENS_MAX = 10_000;

    private static final String PREFIX = "tributary-";
    private static final SecureRandom RANDOM = new SecureRandom();

    private final Path folder;
    private final Path lock;
    private final InstantSource clock;
    private final LongSupplier nanoTime;
    private final AuditLog audit;
    private volatile List<AccessToken> known = List.of();
    private volatile long lookedNanos;
    // Guarded by this.
    private String stamp = "";

    /**
     * @param folder of the tokens' files, made with the first of them
     * @param lock held while one is made or taken back
     * @throws IOException the tokens cannot be read
     */
    public AccessTokens(Path folder, Path lock, InstantSource clock, LongSupplier nanoTime, AuditLog audit)
            throws IOException {
        this.folder = folder;
        this.lock = lock;
        this.clock = clock;
        this.nanoTime = nanoTime;
        this.audit = audit;
        this.stamp = stampNow();
        this.known = all();
        this.lookedNanos = nanoTime.getAsLong();
    }

    /**
     * @param devices globs; empty for all
     * @return the token, which is shown once and kept nowhere
     * @throws IllegalArgumentException there is one of this name
     */
    public String create(String name, Role role, List<String> devices, @Nullable Duration validity) throws IOException {
        byte[] secret = new byte[TOKEN_BYTES];
        RANDOM.nextBytes(secret);
        String text = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
        String expires =
                validity == null ? null : clock.instant().plus(validity).toString();
        AccessToken token = new AccessToken(name, hash(text), role, devices, expires);
        Files.createDirectories(folder);
        return SafeFiles.changing(lock, () -> {
            if (Files.exists(file(name))) {
                throw new IllegalArgumentException(
                        "there is a token named \"" + name + "\", expected another name, or revoke it first");
            }
            if (all().size() >= TOKENS_MAX) {
                throw new IllegalArgumentException("there are " + TOKENS_MAX + " tokens, expected fewer; revoke some");
            }
            SafeFiles.replace(file(name), token.yaml(), "rw-------");
            audit.append(AuditEvent.allowed(
                    "operator",
                    "token-created",
                    Map.of("token", name, "role", role.name().toLowerCase(Locale.ROOT))));
            return text;
        });
    }

    /** @return false when there is none of this name */
    public boolean revoke(String name) throws IOException {
        if (!Files.isDirectory(folder)) {
            return false;
        }
        return SafeFiles.changing(lock, () -> {
            if (!Files.deleteIfExists(file(name))) {
                return false;
            }
            audit.append(AuditEvent.allowed("operator", "token-revoked", Map.of("token", name)));
            return true;
        });
    }

    public List<AccessToken> all() throws IOException {
        List<AccessToken> tokens = new ArrayList<>();
        for (Path file : files()) {
            try {
                tokens.add(ConfigReader.read(file, AccessToken.class));
            } catch (ConfigException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
        return tokens;
    }

    /** The token of this text; null when there is none, or it has expired. Takes as long for any text. */
    public @Nullable AccessToken find(String text) {
        look();
        byte[] wanted = hash(text).getBytes(StandardCharsets.US_ASCII);
        AccessToken found = null;
        for (AccessToken each : known) {
            if (MessageDigest.isEqual(each.hash().getBytes(StandardCharsets.US_ASCII), wanted)) {
                found = each;
            }
        }
        return found != null && found.isValid(clock.instant()) ? found : null;
    }

    private void look() {
        if (nanoTime.getAsLong() - lookedNanos < LOOK_NANOS) {
            return;
        }
        synchronized (this) {
            lookedNanos = nanoTime.getAsLong();
            try {
                String now = stampNow();
                if (!now.equals(stamp)) {
                    known = all();
                    stamp = now;
                }
            } catch (IOException e) {
                known = List.of();
                LOG.error("the tokens cannot be read, so none is valid: {}", e.getMessage());
            }
        }
    }

    /** Replacing, adding and deleting a file changes its directory's time; editing one in place changes its own. */
    private String stampNow() throws IOException {
        if (!Files.isDirectory(folder)) {
            return "";
        }
        StringBuilder text = new StringBuilder().append(Files.getLastModifiedTime(folder));
        for (Path file : files()) {
            text.append(' ').append(file.getFileName()).append(Files.getLastModifiedTime(file));
        }
        return text.toString();
    }

    private List<Path> files() throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    private Path file(String name) {
        return folder.resolve("token-" + URLEncoder.encode(name, StandardCharsets.UTF_8) + ".yaml");
    }

    private static String hash(String text) {
        return EnrolmentToken.hash(text.getBytes(StandardCharsets.UTF_8));
    }
}
