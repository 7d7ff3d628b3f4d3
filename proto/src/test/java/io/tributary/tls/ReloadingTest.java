package io.tributary.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.pki.Authority;
import io.tributary.pki.Keys;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyPair;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReloadingTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final AtomicLong nanos = new AtomicLong();
    // The JDK's trust manager looks at the real clock.
    private final Authority authority = Authority.create("site", Instant.now(), Duration.ofDays(100));

    @BeforeEach
    void writeAuthority() throws IOException {
        replace("ca.crt", Authority.pem(authority.certificate()));
    }

    private void replace(String name, String text) throws IOException {
        Path fresh = directory.resolve(name + ".new");
        Files.writeString(fresh, text);
        Files.move(fresh, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private X509Certificate writePair(String agent) throws IOException {
        KeyPair keys = Keys.create();
        X509Certificate issued = authority.forAgent(keys.getPublic(), agent, Instant.now(), Duration.ofDays(1));
        replace("agent.pem", Keys.pem(keys.getPrivate()) + Authority.pem(issued));
        return issued;
    }

    private X509Certificate shown(ReloadingKeys keys) {
        String[] aliases = Objects.requireNonNull(keys.getClientAliases("EC", null));
        return Objects.requireNonNull(keys.getCertificateChain(aliases[0]))[0];
    }

    @Test
    void changedKeys_areUsedAfterASecond() throws IOException {
        X509Certificate first = writePair("a");
        Path file = directory.resolve("agent.pem");
        ReloadingKeys keys = new ReloadingKeys(file, file, nanos::get);
        X509Certificate second = writePair("b");
        assertThat(shown(keys)).isEqualTo(first);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(shown(keys)).isEqualTo(second);
    }

    @Test
    void unusableKeys_leaveTheOldOnes() throws IOException {
        X509Certificate first = writePair("a");
        Path file = directory.resolve("agent.pem");
        ReloadingKeys keys = new ReloadingKeys(file, file, nanos::get);
        replace("agent.pem", "half a fi");
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(shown(keys)).isEqualTo(first);
        Files.delete(file);
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThat(shown(keys)).isEqualTo(first);
    }

    @Test
    void foreignKey_isRefusedWithBothFiles() throws IOException {
        writePair("a");
        replace("other.key", Keys.pem(Keys.create().getPrivate()));
        assertThatThrownBy(() ->
                        new ReloadingKeys(directory.resolve("agent.pem"), directory.resolve("other.key"), nanos::get))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("agent.pem")
                .hasMessageContaining("other.key");
    }

    @Test
    void revokedCertificate_isRefusedAfterASecond() throws IOException {
        X509Certificate agent = writePair("a");
        replace("ca.crl", authority.revocations(List.of(), NOW, Duration.ofDays(9)));
        ReloadingTrust trust = new ReloadingTrust(directory.resolve("ca.crt"), directory.resolve("ca.crl"), nanos::get);
        X509Certificate[] chain = {agent};
        assertThatCode(() -> trust.checkClientTrusted(chain, "EC")).doesNotThrowAnyException();

        replace("ca.crl", authority.revocations(List.of(agent.getSerialNumber()), NOW, Duration.ofDays(9)));
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThatThrownBy(() -> trust.checkClientTrusted(chain, "EC"))
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("revoked");

        Files.delete(directory.resolve("ca.crl"));
        nanos.addAndGet(Duration.ofSeconds(2).toNanos());
        assertThatThrownBy(() -> trust.checkClientTrusted(chain, "EC"))
                .as("what is taken back does not come back with the file's end")
                .isInstanceOf(CertificateException.class)
                .hasMessageContaining("revoked");
    }

    @Test
    void missingRevocations_areRefused() {
        assertThatThrownBy(
                        () -> new ReloadingTrust(directory.resolve("ca.crt"), directory.resolve("ca.crl"), nanos::get))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("ca.crl");
    }

    @Test
    void foreignRevocations_areRefused() throws IOException {
        Authority other = Authority.create("site", Instant.now(), Duration.ofDays(1));
        replace("ca.crl", other.revocations(List.of(), NOW, Duration.ofDays(9)));
        assertThatThrownBy(
                        () -> new ReloadingTrust(directory.resolve("ca.crt"), directory.resolve("ca.crl"), nanos::get))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("not signed");
    }

    private static CertificateTime clock(Instant now, boolean certain) {
        return new CertificateTime() {
            @Override
            public Instant now() {
                return now;
            }

            @Override
            public boolean isCertain() {
                return certain;
            }
        };
    }

    /** A machine whose clock is of 1970, or of its last run, or right. */
    @Test
    void withoutAClock_whatIsOverIsRefused_andWhatMayHaveBegunIsNot() throws Exception {
        Instant issued = Instant.parse("2030-06-01T00:00:00Z"); // none of them fits the system's clock
        Authority site = Authority.create("site", issued, Duration.ofDays(1000));
        replace("site.crt", Authority.pem(site.certificate()));
        KeyPair keys = Keys.create();
        X509Certificate server =
                site.forServer(keys.getPublic(), List.of("localhost"), issued.plus(Duration.ofDays(10)), DAY);
        X509Certificate[] chain = {server};

        accepts(clock(Instant.EPOCH, false), chain);
        accepts(clock(issued, false), chain);
        accepts(clock(issued.plus(Duration.ofDays(10)), true), chain);
        // A clock that is right knows that it has not begun, or is over.
        refuses(clock(Instant.EPOCH, true), chain);
        refuses(clock(issued.plus(Duration.ofDays(12)), true), chain);
        // And one that is behind knows that it is over when even the past it knows of is later.
        refuses(clock(issued.plus(Duration.ofDays(12)), false), chain);
        // Another authority is another authority at any time.
        Authority other = Authority.create("other", issued, Duration.ofDays(1000));
        refuses(
                clock(Instant.EPOCH, false),
                new X509Certificate[] {other.forServer(keys.getPublic(), List.of("localhost"), issued, DAY)});
        byte[] fingerprint = Authority.fingerprint(site.certificate());
        assertThatCode(() -> new PinnedTrust(fingerprint, clock(Instant.EPOCH, false))
                        .checkServerTrusted(new X509Certificate[] {server, site.certificate()}, TYPE))
                .doesNotThrowAnyException();
        assertThatThrownBy(() -> new PinnedTrust(fingerprint, clock(Instant.EPOCH, true))
                        .checkServerTrusted(new X509Certificate[] {server, site.certificate()}, TYPE))
                .isInstanceOf(CertificateException.class);
    }

    private static final Duration DAY = Duration.ofDays(1);
    private static final String TYPE = "ECDHE_ECDSA";

    private void accepts(CertificateTime time, X509Certificate[] chain) throws Exception {
        new ReloadingTrust(directory.resolve("site.crt"), null, nanos::get, time).checkServerTrusted(chain, TYPE);
    }

    private void refuses(CertificateTime time, X509Certificate[] chain) throws IOException {
        ReloadingTrust trust = new ReloadingTrust(directory.resolve("site.crt"), null, nanos::get, time);
        assertThatThrownBy(() -> trust.checkServerTrusted(chain, TYPE)).isInstanceOf(CertificateException.class);
    }
}
