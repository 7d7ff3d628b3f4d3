package io.tributary.sim;

import io.tributary.sim.link.LinkOptions;
import io.tributary.sim.link.MqttOptions;
import io.tributary.sim.link.Protocol;
import io.tributary.sim.link.Transport;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of the commands that send. */
final class LinkMixin {
    @Option(
            names = "--to",
            required = true,
            paramLabel = "tcp|udp|http|mqtt://HOST:PORT",
            description = "A listener of the edge agent, or an MQTT broker.")
    @SuppressWarnings("NullAway.Init")
    private Target to;

    @Option(
            names = "--protocol",
            description =
                    "tcp: frames (protobuf frames with rows), batches (with columnar batches), lines (line protocol), json."
                            + " udp: lines, json. http: lines. mqtt: lines, json, senml-json, senml-cbor, sparkplug."
                            + " Default: the first of them.")
    private @Nullable Protocol protocol;

    @Option(
            names = "--mqtt-version",
            defaultValue = "5",
            paramLabel = "V",
            description = "3 (3.1.1) or 5. Default: ${DEFAULT-VALUE}.")
    private int mqttVersion;

    @Option(
            names = "--qos",
            defaultValue = "1",
            paramLabel = "Q",
            description = "Of MQTT: 0, 1 or 2. What goes with 0 is never acknowledged: the ledger has it as in doubt."
                    + " Default: ${DEFAULT-VALUE}.")
    private int qos;

    @Option(
            names = "--topic",
            defaultValue = "sim/{device}",
            paramLabel = "TOPIC",
            description = "Of MQTT, with {device} in it; Sparkplug has its own. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private String topic;

    @Option(
            names = "--client",
            defaultValue = "sim",
            paramLabel = "TEXT",
            description = "MQTT client IDs are TEXT-0, TEXT-1, and so on. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private String client;

    @Option(
            names = "--connects-per-second",
            defaultValue = "400",
            paramLabel = "N",
            description = "Of MQTT: how fast the connections are begun; the agent's listener takes 500 a second"
                    + " unless it is told otherwise. Default: ${DEFAULT-VALUE}.")
    private int connectsPerSecond;

    @Option(names = "--user", paramLabel = "NAME", description = "Of MQTT.")
    private @Nullable String user;

    @Option(
            names = "--password",
            paramLabel = "TEXT",
            description = "Of MQTT; $${env:NAME} in place of TEXT is taken from the environment.")
    private @Nullable String password;

    @Option(
            names = "--ledger",
            paramLabel = "FILE",
            description =
                    "Keep here what was sent and what was acknowledged, for verify. An existing ledger is continued.")
    private @Nullable Path ledger;

    @Option(
            names = "--connections",
            defaultValue = "1",
            paramLabel = "N",
            description = "Spread the devices over N connections. Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--window",
            defaultValue = "64",
            paramLabel = "N",
            description = "At most N deliveries unanswered per connection. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(
            names = "--batch",
            defaultValue = "1000",
            paramLabel = "N",
            description =
                    "Send when N readings are together, or sooner when the pace has a pause. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--progress-timeout",
            defaultValue = "30s",
            paramLabel = "DURATION",
            description = "Connect anew when nothing is answered for so long. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration progressTimeout;

    @Option(
            names = "--max-backoff",
            defaultValue = "10s",
            paramLabel = "DURATION",
            description = "Longest random wait between attempts to connect. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration maxBackoff;

    @Option(
            names = "--give-up-after",
            paramLabel = "DURATION",
            description = "Fail when nothing was acknowledged for so long. Default: try for ever.")
    private @Nullable Duration giveUpAfter;

    @Option(names = "--json", description = "Print the summary as one line of JSON on stdout.")
    private boolean json;

    @Option(
            names = {"-q", "--quiet"},
            description = "No progress on stderr.")
    private boolean quiet;

    /** @throws IllegalArgumentException with the value and the expectation */
    LinkOptions options() {
        Protocol spoken = protocol == null ? to.transport().protocols().get(0) : protocol;
        LinkOptions defaults = LinkOptions.of(to.address(), Protocol.FRAMES);
        return new LinkOptions(
                to.address(),
                to.transport(),
                spoken,
                new MqttOptions(mqttVersion, qos, topic, client, connectsPerSecond, user, secret(password)),
                connections,
                // One request at a time: a server need not read the next one before it has answered.
                to.transport() == Transport.HTTP ? 1 : window,
                batch,
                progressTimeout,
                defaults.backoffBase(),
                maxBackoff,
                giveUpAfter);
    }

    private static @Nullable String secret(@Nullable String text) {
        if (text == null || !text.startsWith("${env:") || !text.endsWith("}")) {
            return text;
        }
        String name = text.substring("${env:".length(), text.length() - 1);
        String value = System.getenv(name);
        if (value == null) {
            throw new IllegalArgumentException("--password names variable " + name + ", which is not set");
        }
        return value;
    }

    @Nullable
    Path ledger() {
        return ledger;
    }

    boolean json() {
        return json;
    }

    boolean quiet() {
        return quiet;
    }
}
