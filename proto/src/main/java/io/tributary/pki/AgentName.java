package io.tributary.pki;

import io.tributary.model.Names;
import java.net.URI;
import java.net.URISyntaxException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which agent a certificate names: its one subject alternative name of type URI, {@code tributary://agent/NAME},
 * percent-encoded. The common name is for people only.
 */
public final class AgentName {
    private static final String HOST = "agent";
    private static final String SCHEME = "tributary";
    private static final int TYPE_URI = 6;

    private AgentName() {}

    static String uri(String agent) {
        Names.check("agent", agent);
        try {
            return new URI(SCHEME, HOST, "/" + agent, null).toASCIIString();
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("agent \"" + agent + "\" cannot be in a certificate: " + e.getMessage());
        }
    }

    /** Null when the certificate names no agent, or several. */
    public static @Nullable String of(X509Certificate certificate) {
        Collection<List<?>> names;
        try {
            names = certificate.getSubjectAlternativeNames();
        } catch (CertificateParsingException e) {
            return null; // names nobody that could be read
        }
        String found = null;
        for (List<?> name : names == null ? List.<List<?>>of() : names) {
            if (name.get(0) instanceof Integer type && type == TYPE_URI && name.get(1) instanceof String text) {
                String agent = agent(text);
                if (agent == null || found != null) {
                    return null;
                }
                found = agent;
            }
        }
        return found;
    }

    private static @Nullable String agent(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            return null; // not ours
        }
        String path = uri.getPath();
        return SCHEME.equals(uri.getScheme()) && HOST.equals(uri.getHost()) && path != null && path.length() > 1
                ? path.substring(1)
                : null;
    }
}
