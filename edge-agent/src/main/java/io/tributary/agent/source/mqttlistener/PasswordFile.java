package io.tributary.agent.source.mqttlistener;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Users and hashed passwords as {@code mosquitto_passwd} (2.x) writes them, read once:
 *
 * <pre>
 * user:$7$iterations$salt$hash      PBKDF2 with HMAC-SHA-512, salt and hash in Base64
 * </pre>
 *
 * A hash is slow to compute on purpose, so one thread does it, for a bounded number of clients at a time; what was right
 * once is known again by a fast keyed digest, so that a fleet that comes back does not wait for it.
 */
final class PasswordFile implements Authenticator {
    /** A second of a small box; beyond it clients are told to come later. */
    private static final int CHECKS_WAITING_MAX = 256;

    private static final int ITERATIONS_MAX = 1_000_000;
    private static final String DIGEST = "HmacSHA256";

    private final Map<String, Hashed> users;
    private final Map<String, byte[]> known = new ConcurrentHashMap<>();
    private final SecretKeySpec digestKey;
    private final ThreadPoolExecutor worker;

    private record Hashed(int iterations, byte[] salt, byte[] hash) {}

    private PasswordFile(Map<String, Hashed> users, String source) {
        this.users = Map.copyOf(users);
        byte[] random = new byte[32];
        new SecureRandom().nextBytes(random);
        this.digestKey = new SecretKeySpec(random, DIGEST);
        this.worker = new ThreadPoolExecutor(
                1, 1, 10, TimeUnit.SECONDS, new ArrayBlockingQueue<>(CHECKS_WAITING_MAX), task -> {
                    Thread thread = new Thread(task, "passwords-" + source);
                    thread.setDaemon(true);
                    return thread;
                });
        worker.allowCoreThreadTimeOut(true);
    }

    /** @throws IOException naming the file, and the line of what is wrong in it */
    static PasswordFile read(Path file, String source) throws IOException {
        Map<String, Hashed> users = new HashMap<>();
        List<String> lines = Files.readAllLines(file, StandardCharsets.UTF_8);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            int colon = line.indexOf(':');
            String[] parts = line.substring(colon + 1).split("\\$", -1);
            if (colon < 1 || parts.length != 5 || !parts[0].isEmpty() || !parts[1].equals("7")) {
                throw new IOException(file + ":" + (i + 1)
                        + ": expected user:$7$iterations$salt$hash, as mosquitto_passwd of Mosquitto 2 writes it");
            }
            try {
                users.put(line.substring(0, colon), hashed(parts));
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ":" + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return new PasswordFile(users, source);
    }

    private static Hashed hashed(String[] parts) {
        int iterations = Integer.parseInt(parts[2]);
        if (iterations < 1 || iterations > ITERATIONS_MAX) {
            throw new IllegalArgumentException(iterations + " iterations, expected 1 to " + ITERATIONS_MAX);
        }
        byte[] salt = Base64.getDecoder().decode(parts[3]);
        byte[] hash = Base64.getDecoder().decode(parts[4]);
        if (salt.length == 0 || hash.length < 16 || hash.length > 64) {
            throw new IllegalArgumentException("a salt of " + salt.length + " and a hash of " + hash.length
                    + " bytes, expected some and 16 to 64");
        }
        return new Hashed(iterations, salt, hash);
    }

    @Override
    public void check(@Nullable String user, byte @Nullable [] password, Answer answer) {
        Hashed expected = user == null ? null : users.get(user);
        if (user == null || password == null || expected == null) {
            answer.decided(Verdict.REFUSED);
            return;
        }
        byte[] digest = digest(user, password);
        byte[] right = known.get(user);
        if (right != null && MessageDigest.isEqual(right, digest)) {
            answer.decided(Verdict.ACCEPTED);
            return;
        }
        try {
            worker.execute(() -> {
                boolean matches = matches(expected, password);
                if (matches) {
                    known.put(user, digest);
                }
                answer.decided(matches ? Verdict.ACCEPTED : Verdict.REFUSED);
            });
        } catch (RejectedExecutionException e) {
            answer.decided(Verdict.BUSY);
        }
    }

    private byte[] digest(String user, byte[] password) {
        try {
            Mac mac = Mac.getInstance(DIGEST);
            mac.init(digestKey);
            mac.update(user.getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return mac.doFinal(password);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + DIGEST, e);
        }
    }

    private static boolean matches(Hashed expected, byte[] password) {
        try {
            CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(password));
            char[] characters = new char[text.remaining()];
            text.get(characters);
            PBEKeySpec spec =
                    new PBEKeySpec(characters, expected.salt(), expected.iterations(), expected.hash().length * 8);
            byte[] hash = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA512")
                    .generateSecret(spec)
                    .getEncoded();
            return MessageDigest.isEqual(hash, expected.hash());
        } catch (CharacterCodingException e) {
            return false; // no password that was typed
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has PBKDF2WithHmacSHA512", e);
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
