package io.tributary.deploy;

import io.tributary.pki.Authority;
import io.tributary.pki.Keys;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/**
 * A certificate and its key, shown to whoever asks: a client of the JDK keeps one to itself that the server's authorities
 * have not signed, an attacker would not.
 */
record Identity(X509Certificate certificate, PrivateKey key) {
    interface Signer {
        X509Certificate sign(KeyPair keys) throws Exception;
    }

    static Identity of(Signer signer) throws Exception {
        KeyPair keys = Keys.create();
        return new Identity(signer.sign(keys), keys.getPrivate());
    }

    /** Certificate and key as one PEM file. */
    Path write(Path file) throws IOException {
        return Files.writeString(file, Keys.pem(key) + Authority.pem(certificate));
    }

    KeyManager keys() {
        return new Forced(this);
    }

    static TrustManager[] trusting(X509Certificate authority) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", authority);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    /** For clients of the JDK. */
    static SSLContext context(X509Certificate authority, @Nullable Identity own)
            throws GeneralSecurityException, IOException {
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(own == null ? null : new KeyManager[] {own.keys()}, trusting(authority), null);
        return context;
    }

    private static final class Forced extends X509ExtendedKeyManager {
        private final Identity identity;

        Forced(Identity identity) {
            this.identity = identity;
        }

        @Override
        public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
            return new String[] {"own"};
        }

        @Override
        public String chooseClientAlias(String[] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return "own";
        }

        @Override
        public String chooseEngineClientAlias(
                String[] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
            return "own";
        }

        @Override
        public String @Nullable [] getServerAliases(String type, Principal @Nullable [] issuers) {
            return null;
        }

        @Override
        public @Nullable String chooseServerAlias(
                String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
            return null;
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return new X509Certificate[] {identity.certificate()};
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return identity.key();
        }
    }
}
