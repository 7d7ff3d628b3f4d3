package io.tributary.agent.enrol;

import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.uplink.EnrolmentClient;
import io.tributary.agent.uplink.GrpcTls;
import io.tributary.config.HostPort;
import io.tributary.pki.Keys;
import io.tributary.tls.CertificateTime;
import java.io.IOException;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replaces the agent's certificate, key included, after two thirds of its time. What fails is tried again; readings go on
 * being taken whatever happens. An agent whose certificate is over is invited anew and keeps its outbox.
 */
public final class CertificateRenewal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CertificateRenewal.class);
    /** At most this long between two looks, and at least a fiftieth of the certificate's time. */
    private static final Duration LOOK_MAX = Duration.ofHours(1);
    /** Between two looks while it is not known what time it is: after a boot the first session tells. */
    private static final Duration LOOK_UNSURE = Duration.ofSeconds(5);

    private final IdentityFiles files;
    private final HostPort collector;
    private final GrpcTls tls;
    private final String agent;
    private final CertificateTime time;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread made = new Thread(task, "certificate");
        made.setDaemon(true);
        return made;
    });
    private volatile Instant expires;
    /** Of the certificate whose end was told. */
    private @Nullable Instant toldOver;

    /** @throws IOException the certificate cannot be read */
    public CertificateRenewal(
            IdentityFiles files,
            HostPort collector,
            GrpcTls tls,
            String agent,
            CertificateTime time,
            PrometheusRegistry registry)
            throws IOException {
        this.files = files;
        this.collector = collector;
        this.tls = tls;
        this.agent = agent;
        this.time = time;
        this.expires = files.certificate().getNotAfter().toInstant();
        GaugeWithCallback.builder()
                .name("tributary_agent_certificate_expires_timestamp_seconds")
                .help("When the agent's certificate ends, seconds since 1970.")
                .callback(gauge -> gauge.call(expires.getEpochSecond()))
                .register(registry);
    }

    public void start() throws IOException {
        X509Certificate current = files.certificate();
        long lookMillis =
                Math.max(1_000, Math.min(LOOK_MAX.toMillis(), lifetime(current).toMillis() / 50));
        thread.execute(() -> lookAndGoOn(lookMillis));
    }

    private void lookAndGoOn(long lookMillis) {
        boolean certain = time.isCertain();
        look();
        var unused = thread.schedule(
                () -> lookAndGoOn(lookMillis),
                certain ? lookMillis : Math.min(lookMillis, LOOK_UNSURE.toMillis()),
                TimeUnit.MILLISECONDS);
    }

    private static Duration lifetime(X509Certificate certificate) {
        return Duration.between(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant());
    }

    private Instant now() {
        return time.now();
    }

    private void look() {
        try {
            X509Certificate current = files.certificate();
            expires = current.getNotAfter().toInstant();
            Instant due = expires.minus(lifetime(current).dividedBy(3));
            if (now().isBefore(due)) {
                return;
            }
            if (now().isAfter(expires)) {
                if (expires.equals(toldOver) && !time.isCertain()) {
                    return;
                }
                toldOver = expires;
                LOG.warn(
                        "the agent's certificate ended at {}: \"cloud-collector agent invite {}\" and"
                                + " \"edge-agent enroll\" get it another; readings are kept meanwhile",
                        expires,
                        agent);
                return;
            }
            KeyPair keys = Keys.create();
            files.write(keys.getPrivate(), EnrolmentClient.renew(collector, tls, agent, keys));
            expires = files.certificate().getNotAfter().toInstant();
            LOG.info("the agent has a new certificate until {}", expires);
        } catch (IOException | RuntimeException e) {
            LOG.warn("the agent's certificate, which ends at {}, could not be renewed: {}", expires, e.getMessage());
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
