package io.tributary.tls;

import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;

/**
 * What time it is, for certificates: of a machine that may have no clock. Any thread.
 *
 * <p>A clock that is not certain is never ahead of the truth by contract, but may be behind it by years. Then it proves that
 * a certificate is over, and cannot prove that one is not valid yet: who is locked out by that would not get the right time
 * either, as it comes over the connection that is refused.
 */
public interface CertificateTime {
    /** The time, or one that is past for certain. */
    Instant now();

    /** Whether it is the time, and not only one that is past. */
    boolean isCertain();

    /** The moment at which this chain is to be checked. */
    default Date checkedAt(X509Certificate[] chain, Iterable<X509Certificate> authorities) {
        Instant moment = now();
        if (!isCertain()) {
            for (X509Certificate each : chain) {
                moment = later(moment, each);
            }
            for (X509Certificate each : authorities) {
                moment = later(moment, each);
            }
        }
        return Date.from(moment);
    }

    private static Instant later(Instant moment, X509Certificate certificate) {
        Instant begin = certificate.getNotBefore().toInstant();
        return begin.isAfter(moment) ? begin : moment;
    }
}
