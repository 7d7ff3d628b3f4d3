package io.tributary.collector.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.access.AccessToken;
import io.tributary.access.AccessTokens;
import io.tributary.access.Role;
import io.tributary.audit.AuditLog;
import io.tributary.pki.AgentName;
import io.tributary.pki.Authority;
import io.tributary.pki.EnrolmentToken;
import io.tributary.pki.Keys;
import io.tributary.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GrantsTest {
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path root;

    private Instant now = Instant.parse("2026-01-31T12:00:00Z");
    private final InstantSource clock = () -> now;
    private final AtomicLong nanos = new AtomicLong();

    @SuppressWarnings("NullAway.Init")
    private SecurityDirectory directory;

    @SuppressWarnings("NullAway.Init")
    private AgentGrants grants;

    @SuppressWarnings("NullAway.Init")
    private AuditLog audit;

    @BeforeEach
    void init() throws IOException {
        directory = new SecurityDirectory(root.resolve("security"));
        Files.createDirectories(directory.root());
        audit = new AuditLog(directory.auditLog(), 1 << 20, clock);
        Authority authority = SiteAuthority.create(directory, "site", List.of("localhost", "127.0.0.1"), now, audit);
        grants = new AgentGrants(directory, authority, Duration.ofDays(90), clock, audit);
    }

    private void secondsPass(long seconds) {
        now = now.plusSeconds(seconds);
        nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
    }

    @Test
    void invitedAgent_enrolsOnce() throws Exception {
        EnrolmentToken token = grants.invite("greenhouse-1", List.of("gh1-*"), DAY);
        PublicKey key = Keys.create().getPublic();
        List<X509Certificate> chain = grants.enrol("greenhouse-1", token.secret(), key, "10.0.0.1");

        assertThat(AgentName.of(chain.get(0))).isEqualTo("greenhouse-1");
        assertThat(Authority.fingerprint(chain.get(1))).isEqualTo(token.authorityFingerprint());
        // The answer got lost: the same key may ask again, no other may.
        assertThat(grants.enrol("greenhouse-1", token.secret(), key, "10.0.0.1"))
                .hasSize(2);
        PublicKey thief = Keys.create().getPublic();
        assertThatThrownBy(() -> grants.enrol("greenhouse-1", token.secret(), thief, "10.0.0.66"))
                .isInstanceOf(AccessDeniedException.class);
        assertThat(Files.readString(directory.auditLog()))
                .contains("address 10.0.0.66", "used-token")
                .doesNotContain(token.text());
    }

    @Test
    void token_isOfOneAgentAndForATime() throws Exception {
        EnrolmentToken token = grants.invite("a", List.of("*"), DAY);
        PublicKey key = Keys.create().getPublic();
        assertThatThrownBy(() -> grants.enrol("b", token.secret(), key, "x")).isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> grants.enrol("a", new byte[24], key, "x")).isInstanceOf(AccessDeniedException.class);
        secondsPass(DAY.toSeconds() + 1);
        assertThatThrownBy(() -> grants.enrol("a", token.secret(), key, "x"))
                .isInstanceOfSatisfying(
                        AccessDeniedException.class, e -> assertThat(e.label()).isEqualTo("expired-token"));
    }

    @Test
    void revokedAgent_isOutUntilItIsInvitedAgain() throws Exception {
        GrantReader reader = new GrantReader(directory, nanos::get);
        EnrolmentToken token = grants.invite("a", List.of("*"), DAY);
        X509Certificate first = grants.enrol("a", token.secret(), Keys.create().getPublic(), "x")
                .get(0);
        assertThat(reader.grant("a")).isNotNull();

        assertThat(grants.revoke("a")).isTrue();
        secondsPass(1);
        AgentGrant revoked = Objects.requireNonNull(reader.grant("a"));
        assertThat(revoked.revoked()).isTrue();
        assertThat(Pem.revocations(directory.revocations()).isRevoked(first)).isTrue();
        assertThatThrownBy(() -> grants.renew("a", Keys.create().getPublic()))
                .isInstanceOf(AccessDeniedException.class);
        assertThatThrownBy(() -> grants.enrol("a", token.secret(), Keys.create().getPublic(), "x"))
                .isInstanceOf(AccessDeniedException.class);

        EnrolmentToken again = grants.invite("a", List.of("only-*"), DAY);
        X509Certificate second = grants.enrol("a", again.secret(), Keys.create().getPublic(), "x")
                .get(0);
        secondsPass(1);
        AgentGrant back = Objects.requireNonNull(reader.grant("a"));
        assertThat(back.revoked()).isFalse();
        assertThat(back.mayWrite("only-1")).isTrue();
        assertThat(back.mayWrite("other")).isFalse();
        assertThat(Pem.revocations(directory.revocations()).isRevoked(first)).isTrue();
        assertThat(Pem.revocations(directory.revocations()).isRevoked(second)).isFalse();
    }

    @Test
    void agentIds_areNoPaths() throws Exception {
        for (String agent : List.of("..", "a/../../b", "ü ", "*")) {
            grants.invite(agent, List.of("*"), DAY);
        }
        assertThat(grants.all()).extracting(AgentGrant::agent).containsExactlyInAnyOrder("..", "a/../../b", "ü ", "*");
        assertThat(Files.list(root).map(Path::getFileName).map(Path::toString)).containsExactly("security");
    }

    @Test
    void tokens_areFoundUntilTheyAreRevokedOrExpire() throws IOException {
        AccessTokens tokens = new AccessTokens(directory.tokens(), directory.lock(), clock, nanos::get, audit);
        String reader = tokens.create("grafana", Role.READ, List.of("gh1-*"), null);
        String shortLived = tokens.create("visit", Role.ADMIN, List.of(), DAY);
        secondsPass(1);
        AccessToken found = Objects.requireNonNull(tokens.find(reader));
        assertThat(found.role()).isEqualTo(Role.READ);
        assertThat(found.maySee("gh1-3")).isTrue();
        assertThat(found.maySee("gh2-3")).isFalse();
        assertThat(tokens.find(reader + "x")).isNull();
        assertThat(tokens.find("")).isNull();
        assertThat(tokens.find(shortLived)).isNotNull();

        assertThat(tokens.revoke("grafana")).isTrue();
        assertThat(tokens.revoke("grafana")).isFalse();
        secondsPass(DAY.toSeconds());
        assertThat(tokens.find(reader)).isNull();
        assertThat(tokens.find(shortLived)).isNull();
        assertThatThrownBy(() -> tokens.create("visit", Role.READ, List.of(), null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("visit");
    }

    @Test
    void secrets_areReadableForTheirOwnerOnlyAndHashedAtRest() throws IOException {
        AccessTokens tokens = new AccessTokens(directory.tokens(), directory.lock(), clock, nanos::get, audit);
        String text = tokens.create("t", Role.READ, List.of(), null);
        EnrolmentToken invitation = grants.invite("a", List.of("*"), DAY);
        try (var files = Files.walk(directory.root())) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String content = Files.readString(file);
                assertThat(content).doesNotContain(text).doesNotContain(invitation.text());
                if (content.contains("PRIVATE KEY") || content.contains("hash")) {
                    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                            .isEqualTo("rw-------");
                }
            }
        }
    }

    @Test
    void secondAuthority_isRefused() {
        assertThatThrownBy(() -> SiteAuthority.create(directory, "b", List.of("localhost"), now, audit))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("authority already");
    }

    @Test
    void revokedServerCertificate_isOnTheList_besideTheAgents() throws Exception {
        Authority authority = SiteAuthority.open(directory);
        X509Certificate first = Pem.certificates(directory.server()).get(0);
        SiteAuthority.renewServer(directory, authority, List.of("localhost"), false, now, audit);
        X509Certificate second = Pem.certificates(directory.server()).get(0);
        SiteAuthority.renewServer(directory, authority, List.of("localhost"), true, now, audit);
        X509Certificate third = Pem.certificates(directory.server()).get(0);
        X509Certificate agent = grants.enrol(
                        "a",
                        grants.invite("a", List.of("*"), Duration.ofDays(1)).secret(),
                        Keys.create().getPublic(),
                        "test")
                .get(0);
        grants.revoke("a");

        X509CRL list = Pem.revocations(directory.revocations());
        list.verify(authority.certificate().getPublicKey());
        assertThat(List.of(first, second, third, agent))
                .extracting(list::isRevoked)
                .containsExactly(false, true, false, true);
    }

    @Test
    void serverCertificate_isRenewedBeforeItsEnd() throws IOException {
        Authority authority = SiteAuthority.open(directory);
        X509Certificate first = Pem.certificates(directory.server()).get(0);
        assertThat(SiteAuthority.keepServerFresh(directory, authority, now)).isFalse();
        assertThat(SiteAuthority.keepServerFresh(directory, authority, now.plus(Duration.ofDays(300))))
                .isTrue();
        X509Certificate second = Pem.certificates(directory.server()).get(0);
        assertThat(second.getNotAfter()).isAfter(first.getNotAfter());
        assertThat(second.getSubjectX500Principal()).isEqualTo(first.getSubjectX500Principal());
    }
}
