package io.tributary.pki;

import io.tributary.model.Names;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * What an operator hands to whoever installs an agent: once, for one agent, before its time is over. It carries the
 * fingerprint of the authority, so that the agent knows its collector before it trusts anything else.
 *
 * <pre>
 * base64url( version 1 | secret 24 bytes | SHA-256 of the authority's certificate 32 bytes | agent, UTF-8 )
 * </pre>
 *
 * @param secret random; the collector keeps only its hash
 */
public record EnrolmentToken(byte[] secret, byte[] authorityFingerprint, String agent) {
    private static final int SECRET_BYTES = 24;
    private static final int FINGERPRINT_BYTES = 32;
    private static final byte VERSION = 1;
    private static final int TEXT_MAX = 1024;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** With a new secret. */
    public static EnrolmentToken create(String agent, byte[] authorityFingerprint) {
        byte[] secret = new byte[SECRET_BYTES];
        RANDOM.nextBytes(secret);
        return new EnrolmentToken(secret, authorityFingerprint, agent);
    }

    /** @throws IllegalArgumentException not a token; the message does not repeat it */
    public static EnrolmentToken parse(String text) {
        byte[] bytes;
        try {
            if (text.length() > TEXT_MAX) {
                throw new IllegalArgumentException("too long");
            }
            bytes = Base64.getUrlDecoder().decode(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("this is not an enrolment token, expected the text that"
                    + " \"cloud-collector agent invite\" printed");
        }
        int head = 1 + SECRET_BYTES + FINGERPRINT_BYTES;
        if (bytes.length <= head || bytes[0] != VERSION) {
            throw new IllegalArgumentException("this is not a whole enrolment token of version " + VERSION
                    + ", expected the text that \"cloud-collector agent invite\" printed");
        }
        String agent = new String(bytes, head, bytes.length - head, StandardCharsets.UTF_8);
        Names.check("agent", agent);
        return new EnrolmentToken(
                Arrays.copyOfRange(bytes, 1, 1 + SECRET_BYTES),
                Arrays.copyOfRange(bytes, 1 + SECRET_BYTES, head),
                agent);
    }

    /** The text to hand over; {@link #toString()} does not show it. */
    public String text() {
        byte[] name = agent.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(1 + SECRET_BYTES + FINGERPRINT_BYTES + name.length);
        bytes.put(VERSION).put(secret).put(authorityFingerprint).put(name);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.array());
    }

    /** What the collector keeps: the secret has 192 random bits, so that a plain hash cannot be searched. */
    public static String hash(byte[] secret) {
        try {
            return Base64.getUrlEncoder()
                    .withoutPadding()
                    .encodeToString(MessageDigest.getInstance("SHA-256").digest(secret));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("BUG: every Java has SHA-256", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof EnrolmentToken that
                && MessageDigest.isEqual(secret, that.secret)
                && Arrays.equals(authorityFingerprint, that.authorityFingerprint)
                && agent.equals(that.agent);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(secret) * 31 + agent.hashCode();
    }

    @Override
    public String toString() {
        return "enrolment token of " + agent;
    }
}
