package io.tributary.collector.security;

import io.tributary.audit.AuditEvent;
import io.tributary.audit.AuditLog;
import io.tributary.config.SafeFiles;
import io.tributary.pki.Authority;
import io.tributary.pki.Keys;
import io.tributary.tls.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes a security directory, opens it, and keeps the collector's own certificate fresh. */
public final class SiteAuthority {
    private static final Duration AUTHORITY_VALID = Duration.ofDays(3650);
    private static final Duration SERVER_VALID = Duration.ofDays(397);
    /** With less than this left a new one is made. */
    private static final Duration SERVER_RENEWED = Duration.ofDays(132);

    private SiteAuthority() {}

    /**
     * Makes the authority and the collector's certificate.
     *
     * @param hosts names and addresses under which agents reach the collector
     * @throws IOException there is an authority already, or the directory cannot be written
     */
    public static Authority create(
            SecurityDirectory directory, String name, List<String> hosts, Instant now, AuditLog audit)
            throws IOException {
        Path root = directory.root();
        Files.createDirectories(root);
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx------"));
        return directory.changing(() -> {
            if (Files.exists(directory.authorityCertificate())) {
                throw new IOException(root + " has an authority already (" + directory.authorityCertificate()
                        + "); another one would lock out every agent");
            }
            Authority authority = Authority.create(name, now, AUTHORITY_VALID);
            SafeFiles.replace(directory.authorityKey(), Keys.pem(authority.key()), "rw-------");
            writeServer(directory, authority, hosts, now);
            SafeFiles.replace(
                    directory.revocations(), authority.revocations(List.of(), now, AUTHORITY_VALID), "rw-r--r--");
            // Last: what is here is complete.
            SafeFiles.replace(directory.authorityCertificate(), Authority.pem(authority.certificate()), "rw-r--r--");
            audit.append(AuditEvent.allowed(
                    "operator", "authority-created", Map.of("name", name, "hosts", String.join(" ", hosts))));
            return authority;
        });
    }

    /** @throws IOException there is none, or it cannot be used */
    public static Authority open(SecurityDirectory directory) throws IOException {
        if (!Files.exists(directory.authorityCertificate())) {
            throw new IOException(directory.root() + " has no "
                    + directory.authorityCertificate().getFileName()
                    + ", expected a directory made by \"cloud-collector ca init\"");
        }
        return Authority.read(directory.authorityCertificate(), directory.authorityKey());
    }

    /**
     * A certificate of the collector under other names.
     *
     * @param revoke puts the former one on the revocation list, which agents have to be given: its key was stolen
     */
    public static void renewServer(
            SecurityDirectory directory,
            Authority authority,
            List<String> hosts,
            boolean revoke,
            Instant now,
            AuditLog audit)
            throws IOException {
        directory.changing(() -> {
            X509Certificate former = Pem.certificates(directory.server()).get(0);
            if (revoke) {
                // First: a crash between the two leaves a collector that agents refuse, not a thief whom they trust.
                RevocationList.addServer(directory, former, now);
                RevocationList.write(directory, authority, now);
            }
            writeServer(directory, authority, hosts, now);
            audit.append(AuditEvent.allowed(
                    "operator",
                    "server-renewed",
                    Map.of("hosts", String.join(" ", hosts), revoke ? "revoked" : "former", serial(former))));
            return hosts;
        });
    }

    private static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16);
    }

    /** @return true when the collector's certificate was near its end and is a new one now */
    public static boolean keepServerFresh(SecurityDirectory directory, Authority authority, Instant now)
            throws IOException {
        X509Certificate current = Pem.certificates(directory.server()).get(0);
        if (current.getNotAfter().toInstant().isAfter(now.plus(SERVER_RENEWED))) {
            return false;
        }
        List<String> hosts = hosts(current);
        directory.changing(() -> {
            writeServer(directory, authority, hosts, now);
            return hosts;
        });
        return true;
    }

    private static List<String> hosts(X509Certificate certificate) throws IOException {
        List<String> hosts = new ArrayList<>();
        try {
            for (List<?> name : certificate.getSubjectAlternativeNames()) {
                hosts.add(String.valueOf(name.get(1)));
            }
        } catch (CertificateParsingException e) {
            throw new IOException("the collector's certificate has unreadable names", e);
        }
        return hosts;
    }

    private static void writeServer(SecurityDirectory directory, Authority authority, List<String> hosts, Instant now)
            throws IOException {
        KeyPair keys = Keys.create();
        X509Certificate certificate = authority.forServer(keys.getPublic(), hosts, now, SERVER_VALID);
        SafeFiles.replace(
                directory.server(),
                Keys.pem(keys.getPrivate()) + Authority.pem(certificate) + Authority.pem(authority.certificate()),
                "rw-------");
    }
}
