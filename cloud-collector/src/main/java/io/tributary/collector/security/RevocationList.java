package io.tributary.collector.security;

import io.tributary.config.SafeFiles;
import io.tributary.pki.Authority;
import io.tributary.tls.Pem;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code ca.crl}: what was taken back and would still be valid, of agents and of the collector itself. Made anew from
 * {@code agents/} and {@code server-revoked.crt} at every change, while the directory's lock is held.
 */
final class RevocationList {
    private static final Duration VALID = Duration.ofDays(3650);

    private RevocationList() {}

    static void write(SecurityDirectory directory, Authority authority, Instant now) throws IOException {
        List<BigInteger> serials = new ArrayList<>();
        for (AgentGrant grant : new GrantFiles(directory).all()) {
            for (AgentGrant.Certificate each : grant.certificates()) {
                if (each.revoked() && Instant.parse(each.expires()).isAfter(now)) {
                    serials.add(new BigInteger(each.serial(), 16));
                }
            }
        }
        for (X509Certificate each : servers(directory, now)) {
            serials.add(each.getSerialNumber());
        }
        SafeFiles.replace(directory.revocations(), authority.revocations(serials, now, VALID), "rw-r--r--");
    }

    /** Takes a certificate of the collector back. */
    static void addServer(SecurityDirectory directory, X509Certificate former, Instant now) throws IOException {
        StringBuilder all = new StringBuilder();
        for (X509Certificate each : servers(directory, now)) {
            all.append(Authority.pem(each));
        }
        SafeFiles.replace(directory.revokedServers(), all + Authority.pem(former), "rw-r--r--");
    }

    private static List<X509Certificate> servers(SecurityDirectory directory, Instant now) throws IOException {
        return Files.exists(directory.revokedServers())
                ? Pem.certificates(directory.revokedServers()).stream()
                        .filter(each -> each.getNotAfter().toInstant().isAfter(now))
                        .toList()
                : List.of();
    }
}
