package io.tributary.agent.source;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.nio.file.Files;
import java.nio.file.Path;

/** An authority, and certificates of it for a server on this machine and for a client, as PEM files. */
public final class TestCertificates {
    public final Path authority;
    public final Path certificate;
    public final Path key;
    public final Path clientCertificate;
    public final Path clientKey;

    /** @param host name in the server's certificate */
    public TestCertificates(Path directory, String host) throws Exception {
        X509Bundle root = new CertificateBuilder()
                .ecp256()
                .subject("CN=authority")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        X509Bundle server = new CertificateBuilder()
                .ecp256()
                .subject("CN=" + host)
                .addSanDnsName(host)
                .buildIssuedBy(root);
        X509Bundle client =
                new CertificateBuilder().ecp256().subject("CN=client").buildIssuedBy(root);
        authority = Files.writeString(directory.resolve("ca.pem"), root.getCertificatePEM());
        certificate = Files.writeString(directory.resolve("server.pem"), server.getCertificatePEM());
        key = Files.writeString(directory.resolve("server.key"), server.getPrivateKeyPEM());
        clientCertificate = Files.writeString(directory.resolve("client.pem"), client.getCertificatePEM());
        clientKey = Files.writeString(directory.resolve("client.key"), client.getPrivateKeyPEM());
    }
}
