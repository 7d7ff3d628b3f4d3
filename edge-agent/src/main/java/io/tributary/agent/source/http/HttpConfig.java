package io.tributary.agent.source.http;

import io.tributary.agent.decode.DecoderConfig;
import io.tributary.agent.decode.LineMapping;
import io.tributary.agent.decode.RebirthListener;
import io.tributary.agent.source.ArrivalStamps;
import io.tributary.agent.source.Checks;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.MessageReader;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.source.SourceContext;
import io.tributary.config.ByteSize;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.config.Secret;
import io.tributary.config.TypeName;
import io.tributary.http.HttpServerOptions;
import io.tributary.tls.TlsFiles;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A listener for readings over HTTP.
 *
 * @param tls with {@code ca} clients have to show a certificate of that authority
 * @param token what {@code Authorization: Bearer} has to say; null when everybody may write, or {@code tokens} are kept
 * @param tokens directory of {@code edge-agent token create}: role write, for the devices in their scope
 * @param mapping of line protocol; the parameter {@code precision} of a request counts more than its precision
 * @param decode of {@code POST /v1/readings}
 * @param bodyBytesMax as it is sent
 * @param inflatedBytesMax when it is sent with gzip
 * @param answerTimeout how long a request waits for its fsync before it is told to come again
 * @param workers requests that wait for their fsync at a time
 */
@TypeName("http")
public record HttpConfig(
        @Default("http.write") String name,
        @Default("127.0.0.1:8482") HostPort listen,
        @Default("false") boolean allowPlaintextOffLoopback,
        @Nullable TlsFiles tls,
        @Nullable Secret token,
        @Nullable Path tokens,
        @Default("synced") Durability durability,
        LineMapping mapping,

        @Default("{type: json, rows: '$[*]', device: '{device}', time: {path: time}, channels: [{path: 'values.**'}]}")
        DecoderConfig decode,

        @Default("1MiB") ByteSize bodyBytesMax,
        @Default("4MiB") ByteSize inflatedBytesMax,
        @Default("30s") Duration answerTimeout,
        @Default("64") int connectionsMax,
        @Default("8") int workers)
        implements SourceConfig {
    public HttpConfig {
        Checks.name(name);
        Checks.listen(listen, tls, allowPlaintextOffLoopback);
        if (token != null && token.value().isBlank()) {
            throw new IllegalArgumentException("token is empty, expected a secret, or no token at all");
        }
        if (token != null && tokens != null) {
            throw new IllegalArgumentException("token and tokens are both there, expected one of them");
        }
        Checks.between("body-bytes-max", bodyBytesMax, 1 << 10, 16 << 20);
        Checks.between("inflated-bytes-max", inflatedBytesMax, bodyBytesMax.bytes(), 64 << 20);
        Checks.positive("answer-timeout", answerTimeout);
        Checks.atLeastOne("connections-max", connectionsMax);
        Checks.between("workers", workers, 1, 256);
    }

    @Override
    public Source open(SourceContext context) {
        return new HttpSource(
                this,
                MessageReader.of(name, decode.open(context.decoding(name, RebirthListener.NONE))),
                new ArrivalStamps(context.clock()),
                context.intake(),
                context.guard(),
                context.clock()::monotonicNs,
                context.metrics(HttpSourceMetrics.class, HttpSourceMetrics::new));
    }

    HttpServerOptions server() {
        HttpServerOptions usual = HttpServerOptions.on(listen);
        return new HttpServerOptions(
                listen,
                connectionsMax,
                usual.requestLineBytesMax(),
                usual.headerBytesMax(),
                bodyBytesMax,
                usual.idleTimeout(),
                usual.requestTimeout(),
                usual.stallTimeout(),
                usual.drainTimeout(),
                workers,
                connectionsMax);
    }
}
