package io.tributary.pki;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuthorityTest {
    private static final Instant NOW = Instant.parse("2026-01-31T12:00:00Z");

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final Authority authority = Authority.create("site", NOW, Duration.ofDays(100));

    @Test
    void agentCertificate_namesTheAgentAndIsSigned() throws GeneralSecurityException {
        KeyPair keys = Keys.create();
        String agent = "greenhouse 1/ß?#%";
        X509Certificate issued = authority.forAgent(keys.getPublic(), agent, NOW, Duration.ofDays(10));

        issued.verify(authority.certificate().getPublicKey());
        assertThat(AgentName.of(issued)).isEqualTo(agent);
        assertThat(issued.getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(issued.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(issued.getNotAfter().toInstant()).isEqualTo(NOW.plus(Duration.ofDays(10)));
    }

    @Test
    void certificate_doesNotOutliveItsAuthority() {
        X509Certificate issued = authority.forAgent(Keys.create().getPublic(), "a", NOW, Duration.ofDays(1_000));
        assertThat(issued.getNotAfter()).isEqualTo(authority.certificate().getNotAfter());
    }

    @Test
    void serverCertificate_carriesNamesAndAddresses() throws GeneralSecurityException {
        X509Certificate issued = authority.forServer(
                Keys.create().getPublic(), List.of("collector.example", "10.0.0.7", "::1"), NOW, Duration.ofDays(1));
        Collection<List<?>> names = issued.getSubjectAlternativeNames();
        assertThat(names)
                .containsExactlyInAnyOrder(
                        List.of(2, "collector.example"), List.of(7, "10.0.0.7"), List.of(7, "0:0:0:0:0:0:0:1"));
        assertThat(AgentName.of(issued)).isNull();
    }

    @Test
    void revocations_nameWhatWasTakenBack() throws IOException, GeneralSecurityException {
        X509Certificate kept = authority.forAgent(Keys.create().getPublic(), "a", NOW, Duration.ofDays(1));
        X509Certificate revoked = authority.forAgent(Keys.create().getPublic(), "b", NOW, Duration.ofDays(1));
        Path file = directory.resolve("ca.crl");
        Files.writeString(file, authority.revocations(List.of(revoked.getSerialNumber()), NOW, Duration.ofDays(9)));

        X509CRL list = Pem.revocations(file);
        list.verify(authority.certificate().getPublicKey());
        assertThat(list.isRevoked(revoked)).isTrue();
        assertThat(list.isRevoked(kept)).isFalse();
    }

    @Test
    void authority_isReadAsItWasWritten() throws IOException {
        Path certificate = directory.resolve("ca.crt");
        Path key = directory.resolve("ca.key");
        Files.writeString(certificate, Authority.pem(authority.certificate()));
        Files.writeString(key, Keys.pem(authority.key()));
        Authority again = Authority.read(certificate, key);
        assertThat(again.certificate()).isEqualTo(authority.certificate());
        assertThat(again.key()).isEqualTo(authority.key());
    }

    @Test
    void request_provesTheKey() throws IOException {
        KeyPair keys = Keys.create();
        byte[] request = CertificateRequest.create(keys, "a");
        assertThat(CertificateRequest.publicKey(request)).isEqualTo(keys.getPublic());
    }

    @Test
    void request_isRefusedWhenTouchedOrNone() throws GeneralSecurityException {
        byte[] touched = CertificateRequest.create(Keys.create(), "a");
        touched[touched.length - 5] ^= 1;
        assertThatThrownBy(() -> CertificateRequest.publicKey(touched)).isInstanceOf(IOException.class);
        for (byte[] garbage : new byte[][] {{}, {0x30}, new byte[100], new byte[17 << 10]}) {
            assertThatThrownBy(() -> CertificateRequest.publicKey(garbage)).isInstanceOf(IOException.class);
        }
        KeyPairGenerator weak = KeyPairGenerator.getInstance("RSA");
        weak.initialize(1024);
        KeyPair rsa = weak.generateKeyPair();
        assertThatThrownBy(() -> CertificateRequest.create(rsa, "a")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void token_survivesItsText() {
        EnrolmentToken token = EnrolmentToken.create("greenhouse-ß", Authority.fingerprint(authority.certificate()));
        assertThat(EnrolmentToken.parse(token.text() + "\n")).isEqualTo(token);
        assertThat(token.toString()).doesNotContain(token.text());
    }

    @Test
    void token_isRefusedWithoutBeingRepeated() {
        String whole = EnrolmentToken.create("a", new byte[32]).text();
        for (String text : List.of("", "hello", "!!!", whole.substring(0, 40), "A" + whole, "x".repeat(5_000))) {
            assertThatThrownBy(() -> EnrolmentToken.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .satisfies(e -> assertThat(text.isEmpty()
                                    || !String.valueOf(e.getMessage()).contains(text))
                            .isTrue());
        }
    }
}
