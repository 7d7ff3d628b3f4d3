package io.tributary.collector.commands;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.tributary.collector.storage.StateStore;
import io.tributary.config.ByteSize;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DownlinkTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Memory commands = new Memory();
    private final Memory configs = new Memory();
    private final List<String> audit = new ArrayList<>();
    private final Port port = new Port();
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");
    private boolean auditFails;
    private Downlink downlink = opened();

    private Downlink opened() {
        Downlink opened = new Downlink(
                new CommandOptions(
                        3, new ByteSize(64 << 10), new ByteSize(32 << 10), Duration.ofDays(7), 2, new ByteSize(100)),
                commands,
                configs,
                (who, action, details) -> {
                    if (auditFails) {
                        throw new IOException("no space left");
                    }
                    audit.add(who + " " + action + " " + new TreeMap<>(details));
                },
                () -> now,
                new PrometheusRegistry());
        opened.start();
        return opened;
    }

    @AfterEach
    void close() {
        downlink.close();
    }

    @Test
    void command_isKeptBeforeItIsSent_andSentInEverySession_untilThereIsAResult() throws Exception {
        assertThat(submit("c1").state()).isEqualTo("pending");
        downlink.close();
        downlink = opened();
        downlink.connected("a", port);
        assertThat(port.sent).containsExactly("c1");
        assertThat(state("c1")).isEqualTo("sent");
        downlink.disconnected("a", port);
        downlink.connected("a", port);
        assertThat(port.sent).containsExactly("c1", "c1");
        now = now.plusSeconds(31);
        downlink.tick();
        assertThat(port.sent).hasSize(3);
        downlink.result("a", "c1", "done", "acknowledged", 5);
        downlink.result("a", "c1", "failed", "later", 6);
        downlink.connected("a", port);

        assertThat(port.sent).hasSize(3);
        CommandEntry entry = Objects.requireNonNull(downlink.command("a", "c1"));
        assertThat(entry.state()).isEqualTo("done");
        downlink.close();
        downlink = opened();
        assertThat(downlink.command("a", "c1")).isEqualTo(entry);
        assertThat(audit)
                .containsExactly(
                        "eve command-submitted {agent=a, command=c1, kind=device-publish}",
                        "agent a command-ended {command=c1, result=done}");
    }

    @Test
    void sameIdAgain_isTheSameCommand_andAnotherActionConflicts() throws Exception {
        CommandEntry first = submit("c1");

        assertThat(submit("c1")).isEqualTo(first);
        assertThatThrownBy(() -> downlink.submit("a", "c1", publish("other"), MINUTE, "eve"))
                .isInstanceOfSatisfying(
                        CommandException.class, e -> assertThat(e.kind()).isEqualTo(CommandException.Kind.CONFLICT));
        assertThat(downlink.submit("b", "c1", publish("other"), MINUTE, "eve").state())
                .isEqualTo("pending");
        assertThat(downlink.commands("a", 10)).hasSize(1);
    }

    @Test
    void agentThatIsNotThere_letsItExpire_andOneThatDoesNotAnswer_makesItUnknown() throws Exception {
        submit("c1");
        now = now.plusSeconds(61);
        downlink.tick();
        assertThat(state("c1")).isEqualTo("expired");
        downlink.connected("a", port);
        assertThat(port.sent).isEmpty();
        submit("c2");
        now = now.plusSeconds(61);
        downlink.tick();
        assertThat(state("c2")).isEqualTo("sent");
        now = now.plus(Duration.ofMinutes(30));
        downlink.tick();
        assertThat(state("c2")).isEqualTo("unknown");
    }

    @Test
    void pendingAndKept_areBounded() throws Exception {
        submit("c1");
        submit("c2");
        submit("c3");
        assertThatThrownBy(() -> submit("c4"))
                .isInstanceOfSatisfying(
                        CommandException.class, e -> assertThat(e.kind()).isEqualTo(CommandException.Kind.FULL))
                .hasMessageContaining("3 commands for agent \"a\" have no result yet");
        for (String id : List.of("c1", "c2", "c3")) {
            downlink.result("a", id, "done", "", 1);
        }
        submit("c4");
        assertThat(downlink.command("a", "c1")).isNull();
        assertThat(downlink.commands("a", 10)).extracting(CommandEntry::id).containsExactly("c4", "c3", "c2");
        assertThat(commands.saved).hasSize(3);
    }

    @Test
    void badCommands_areRefusedWithTheReason() {
        assertThatThrownBy(() -> downlink.submit("a", "x/y", publish("t"), MINUTE, "eve"))
                .hasMessageContaining("without a slash");
        assertThatThrownBy(() -> downlink.submit("a", "x", publish("t"), Duration.ofDays(8), "eve"))
                .hasMessageContaining("at most 604800 s");
        assertThatThrownBy(() -> downlink.submit(
                        "a", "x", new CommandAction.DevicePublish("", "d", "t", new byte[40 << 10]), MINUTE, "eve"))
                .hasMessageContaining("payload of at most 32KiB");
        assertThatThrownBy(() -> publish("#")).hasMessageContaining("wildcard");
        assertThatThrownBy(() -> new CommandAction.AgentAction("explode")).hasMessageContaining("expected reload");
    }

    @Test
    void whatCannotBeAudited_doesNotHappen() {
        auditFails = true;

        assertThatThrownBy(() -> submit("c1")).isInstanceOf(IOException.class);
        assertThat(downlink.command("a", "c1")).isNull();
        assertThat(commands.saved).isEmpty();
    }

    @Test
    void outcomeThatIsNotKnown_isUnknown_andADetailIsCut() throws Exception {
        submit("c1");
        downlink.result("a", "c1", "exploded", "x".repeat(10_000), 1);

        CommandEntry entry = Objects.requireNonNull(downlink.command("a", "c1"));
        CommandResult result = Objects.requireNonNull(entry.result());
        assertThat(result.outcome()).isEqualTo("unknown");
        assertThat(result.detail()).startsWith("exploded: xx").hasSize(4_001);
    }

    @Test
    void desiredConfig_isSentUntilItIsReported() throws Exception {
        assertThat(downlink.desire("a", "forward: {}", "eve").version()).isEqualTo(1);
        downlink.connected("a", port);
        downlink.connected("a", port);
        assertThat(port.configs).containsExactly(1L, 1L);
        downlink.report("a", new ConfigReport(1, false, List.of("line 1"), 0, 5, 6));
        downlink.report("a", new ConfigReport(1, true, List.of(), 1, 7, 8));
        downlink.connected("a", port);
        assertThat(port.configs).hasSize(2);
        assertThat(downlink.desire("a", "", "eve").version()).isEqualTo(2);
        assertThat(port.configs).containsExactly(1L, 1L, 2L);
        downlink.close();
        downlink = opened();

        ConfigEntry entry = Objects.requireNonNull(downlink.config("a"));
        assertThat(entry.version()).isEqualTo(2);
        assertThat(entry.report()).isEqualTo(new ConfigReport(1, false, List.of("line 1"), 0, 5, 6));
        assertThatThrownBy(() -> downlink.desire("a", "x".repeat(101), "eve")).hasMessageContaining("has 101 bytes");
    }

    private CommandEntry submit(String id) throws Exception {
        return downlink.submit("a", id, publish("set"), MINUTE, "eve");
    }

    private String state(String id) {
        CommandEntry entry = downlink.command("a", id);
        return entry == null ? "none" : entry.state();
    }

    private static CommandAction publish(String topic) {
        return new CommandAction.DevicePublish("", "d", topic, "1".getBytes(StandardCharsets.UTF_8));
    }

    private static final class Port implements AgentPort {
        final List<String> sent = new ArrayList<>();
        final List<Long> configs = new ArrayList<>();

        @Override
        public void command(CommandEntry command) {
            sent.add(command.id());
        }

        @Override
        public void desiredConfig(ConfigEntry config) {
            configs.add(config.version());
        }
    }

    private static final class Memory implements StateStore {
        final Map<String, byte[]> saved = new TreeMap<>();

        @Override
        public void forEach(BiConsumer<String, byte[]> each) {
            saved.forEach(each);
        }

        @Override
        public void put(String name, byte[] value) {
            saved.put(name, value);
        }

        @Override
        public void putSynced(String name, byte[] value) {
            saved.put(name, value);
        }

        @Override
        public void remove(String name) {
            saved.remove(name);
        }
    }
}
