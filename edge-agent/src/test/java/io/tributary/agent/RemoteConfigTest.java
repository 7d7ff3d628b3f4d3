package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.source.FlakyIntake;
import io.tributary.agent.source.Source;
import io.tributary.agent.source.SourceContext;
import io.tributary.agent.source.SourceGuard;
import io.tributary.agent.uplink.ForwarderOptions;
import io.tributary.config.ConfigReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Desired configurations against real TCP sources. */
final class RemoteConfigTest {
    private static final String LINES = """
            sources:
              - type: tcp-lines
                name: %s
                listen: 127.0.0.1:%d
            """;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();
    private final List<ForwarderOptions> forwarded = new ArrayList<>();
    private SourceSet sources = new SourceSet(context());
    private RemoteConfig remote = new RemoteConfig(own(LINES.formatted("own", 0)), clock);

    private SourceContext context() {
        return new SourceContext(
                "a",
                new FlakyIntake(1, 0),
                clock,
                new SplittableRandom(1),
                Path.of("unused"),
                SourceGuard.NONE,
                new PrometheusRegistry());
    }

    private AgentConfig own(String more) {
        try {
            String path = String.valueOf(directory == null ? "unused" : directory.resolve("outbox"));
            return ConfigReader.parse("agent: a\noutbox:\n  path: " + path + "\n" + more, "test", AgentConfig.class);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void start() throws Exception {
        remote = new RemoteConfig(own(LINES.formatted("own", 0)), clock);
        sources.start(remote.sources());
    }

    @AfterEach
    void close() {
        sources.close();
    }

    @Test
    void sources_areReplaced_andThoseThatDidNotChangeGoOn() throws Exception {
        Source before = sources.sources().get(0);
        ConfigReport report = desire(1, """
                forward:
                  status-interval: 3s
                sources:
                  - type: tcp-lines
                    name: own
                    listen: 127.0.0.1:0
                  - type: tcp-lines
                    name: more
                    listen: 127.0.0.1:0
                """);

        assertThat(report.applied()).isTrue();
        assertThat(report.appliedVersion()).isEqualTo(1);
        assertThat(sources.sources()).extracting(Source::name).containsExactly("own", "more");
        assertThat(sources.sources().get(0)).isSameAs(before);
        assertThat(forwarded)
                .singleElement()
                .satisfies(options -> assertThat(options.statusInterval()).hasSeconds(3));
        assertThat(desire(1, "anything")).isSameAs(report);

        RemoteConfig next = new RemoteConfig(own(LINES.formatted("own", 0)), clock);
        next.load();
        assertThat(next.appliedVersion()).isEqualTo(1);
        assertThat(next.sources()).hasSize(2);
        assertThat(desire(2, "").applied()).isTrue();
        assertThat(sources.sources()).extracting(Source::name).containsExactly("own");
    }

    @Test
    void whatIsWrong_isRefusedWithLineAndColumn_andNothingChanges() {
        List<Source> before = sources.sources();
        ConfigReport report = desire(7, "sources:\n  - type: tcp-lines\n    listen: nowhere\nagent: b\n");

        assertThat(report.applied()).isFalse();
        assertThat(report.appliedVersion()).isZero();
        assertThat(report.reasons()).hasSize(2);
        assertThat(report.reasons().get(0)).startsWith("desired config 7:3:13: sources[0].listen: ");
        assertThat(report.reasons().get(1)).startsWith("desired config 7:4:1: agent: unknown key");
        assertThat(sources.sources()).isEqualTo(before);
    }

    @Test
    void references_wouldReadTheAgentsMachine_andAreRefused() throws Exception {
        Path secret = Files.writeString(directory.resolve("secret"), "127.0.0.1:0");
        for (String reference : List.of("${file:" + secret + "}", "${env:PATH}", "x${file:/etc/passwd}")) {
            long version = reference.hashCode();
            ConfigReport report = desire(version, "sources:\n  - type: tcp-lines\n    name: '" + reference + "'\n");

            assertThat(report.applied()).isFalse();
            assertThat(report.reasons())
                    .singleElement()
                    .asString()
                    .contains("sources[0].name", "would be read on this machine")
                    .doesNotContain("127.0.0.1:0", "/bin", "root:");
        }
        // The agent's own file may.
        assertThat(own(LINES.formatted("'${file:" + secret + "}'", 0))
                        .sources()
                        .get(0)
                        .name())
                .isEqualTo("127.0.0.1:0");
        // And what was kept by an older agent is not used.
        Files.writeString(directory.resolve("outbox.config"), "3\n" + LINES.formatted("'${env:PATH}'", 0));
        RemoteConfig next = new RemoteConfig(own(LINES.formatted("own", 0)), clock);
        next.load();
        assertThat(next.appliedVersion()).isZero();
    }

    @Test
    void commandsAndFilesOfTheMachine_needTheAgentsOwnWord() throws Exception {
        String exec = "sources:\n  - type: exec\n    name: shell\n    command: [echo, hello]\n    interval: 1h\n";
        String file = "sources:\n  - type: file\n    name: files\n    path: /etc/passwd\n    decode: {type: line}\n";
        assertThat(desire(1, exec).reasons()).singleElement().asString().contains("shell runs a command", "allow-des");
        assertThat(desire(2, file).reasons())
                .singleElement()
                .asString()
                .contains("files reads a file", "allow-desired");
        assertThat(sources.sources()).extracting(Source::name).containsExactly("own");

        // As in its own file, or as its own file allows.
        remote = new RemoteConfig(own(exec), clock);
        assertThat(desire(3, exec).applied()).isTrue();
        remote = new RemoteConfig(own("collector:\n  allow-desired-exec: true\n" + LINES.formatted("own", 0)), clock);
        assertThat(desire(4, exec).applied()).isTrue();
    }

    @Test
    void portThatIsTaken_leavesTheSourcesOfBefore() throws Exception {
        try (var taken = new java.net.ServerSocket(0, 1, java.net.InetAddress.getLoopbackAddress())) {
            ConfigReport report = desire(1, LINES.formatted("other", taken.getLocalPort()));

            assertThat(report.applied()).isFalse();
            assertThat(report.reasons()).singleElement().asString().contains(String.valueOf(taken.getLocalPort()));
            assertThat(sources.sources()).extracting(Source::name).containsExactly("own");
        }
        assertThat(desire(2, LINES.formatted("other", 0)).applied()).isTrue();
    }

    @Test
    void keptConfigThatCannotBeRead_leavesTheOwnFileInEffect() throws Exception {
        Files.writeString(directory.resolve("outbox.config"), "3\nsources: []\n");
        RemoteConfig next = new RemoteConfig(own(LINES.formatted("own", 0)), clock);
        next.load();

        assertThat(next.appliedVersion()).isZero();
        assertThat(next.sources()).hasSize(1);
    }

    @Test
    void reload_appliesTheOwnFile_asFarAsItCan() {
        String changed = LINES.formatted("renamed", 0);
        assertThat(remote.reload(() -> own(changed), sources, forwarded::add)).isEmpty();
        assertThat(sources.sources()).extracting(Source::name).containsExactly("renamed");
        assertThat(remote.reload(() -> own(changed + "http:\n  listen: 127.0.0.1:1\n"), sources, forwarded::add))
                .contains("takes a restart");
        assertThat(sources.sources()).extracting(Source::name).containsExactly("renamed");
    }

    private ConfigReport desire(long version, String yaml) {
        return remote.desire(version, yaml, sources, forwarded::add);
    }
}
