package io.tributary.collector;

import io.tributary.collector.commands.CommandOptions;
import io.tributary.collector.ingest.IngestOptions;
import io.tributary.collector.ingest.mqtt.MqttIngestOptions;
import io.tributary.collector.query.QueryLimits;
import io.tributary.collector.rpc.RpcOptions;
import io.tributary.collector.subscribe.StreamLimits;
import io.tributary.config.Default;
import io.tributary.config.HostPort;
import io.tributary.model.Names;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration, {@code cloud-collector.yaml}; README.md describes every key.
 *
 * @param name what agents are told in the welcome
 * @param data the directory that holds everything; made when it is not there
 * @param mqtt null: agents come over gRPC only
 */
record CollectorConfig(
        @Default("cloud-collector") String name,
        Path data,
        RpcOptions grpc,
        HttpConfig http,
        @Nullable SecurityConfig security,
        IngestOptions ingest,
        @Nullable MqttIngestOptions mqtt,
        StorageConfig storage,
        RetentionConfig retention,
        StreamLimits stream,
        QueryLimits query,
        CommandOptions commands) {
    CollectorConfig {
        Names.check("name", name);
        if (security == null) {
            plaintextOnly("grpc", grpc.needsTls(), grpc.listen());
            plaintextOnly("http", http.needsTls(), http.listen());
        }
        for (RetentionConfig.Rollup rollup : retention.rollups()) {
            if (storage.bucket().toNanos() % rollup.every().toNanos() != 0) {
                throw new IllegalArgumentException("retention.rollups has every " + rollup.every()
                        + ", expected a part of storage.bucket, " + storage.bucket());
            }
        }
        if (storage.queue().bytes() < ingest.batchBytesMax().bytes()) {
            throw new IllegalArgumentException("storage.queue is " + storage.queue()
                    + ", expected at least ingest.batch-bytes-max, " + ingest.batchBytesMax());
        }
    }

    private static void plaintextOnly(String section, boolean needsTls, HostPort listen) {
        if (needsTls) {
            throw new IllegalArgumentException(section + ".listen is " + listen
                    + ", which other machines can reach without TLS; expected a section security, a loopback address,"
                    + " or " + section + ".allow-plaintext-off-loopback: true");
        }
    }
}
