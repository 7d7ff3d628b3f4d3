package io.tributary.agent;

import io.tributary.agent.clock.Clock;
import io.tributary.agent.command.ConfigReport;
import io.tributary.agent.source.SourceConfig;
import io.tributary.agent.uplink.ForwarderOptions;
import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The configuration that the collector desires: read, applied or refused, and kept in {@code <outbox>.config} so that it
 * holds at the next start without a collector. The file is the version, a line end, and the YAML as it came.
 *
 * <p>Used by {@code main} before the start, then on the thread {@code commands}.
 */
final class RemoteConfig {
    private static final Logger LOG = LoggerFactory.getLogger(RemoteConfig.class);
    private static final String NAME = "desired config";

    private final Path file;
    private final Clock clock;
    private AgentConfig own;
    private DesiredConfig applied = DesiredConfig.NOTHING;
    private long appliedVersion;
    private @Nullable ConfigReport report;

    RemoteConfig(AgentConfig own, Clock clock) {
        this.own = own;
        this.clock = clock;
        Path outbox = own.outbox().path();
        this.file = outbox.resolveSibling(outbox.getFileName() + ".config");
    }

    /** What was applied last; what cannot be read any more is left out, and told when the collector asks. */
    void load() throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        String text = Files.readString(file);
        int end = text.indexOf('\n');
        try {
            long version = Long.parseLong(text.substring(0, Math.max(0, end)));
            DesiredConfig kept = read(text.substring(end + 1), version);
            List<String> unwanted = own.collector().unwanted(kept.sources(), own.sources());
            if (!unwanted.isEmpty()) {
                LOG.warn("{} cannot be used, the agent's own file holds: {}", file, String.join("; ", unwanted));
                return;
            }
            applied = kept;
            appliedVersion = version;
            LOG.info("config version {} of the collector is in effect", version);
        } catch (NumberFormatException | ConfigException e) {
            LOG.warn("{} cannot be used, the agent's own file holds: {}", file, e.getMessage());
        }
    }

    private static DesiredConfig read(String yaml, long version) throws ConfigException {
        return yaml.isBlank()
                ? DesiredConfig.NOTHING
                : ConfigReader.parseForeign(yaml, NAME + " " + version, DesiredConfig.class);
    }

    List<SourceConfig> sources() {
        return sources(own, applied);
    }

    private static List<SourceConfig> sources(AgentConfig file, DesiredConfig desired) {
        return desired.sources() == null ? file.sources() : desired.sources();
    }

    ForwarderOptions forward() {
        return forward(own, applied);
    }

    private static ForwarderOptions forward(AgentConfig file, DesiredConfig desired) {
        return desired.forward() == null ? file.forward() : desired.forward();
    }

    /** The one way in which anything takes effect while the agent runs, whoever asked for it: all of it or nothing. */
    private void takeEffect(
            AgentConfig file, DesiredConfig desired, SourceSet running, Consumer<ForwarderOptions> forwarder)
            throws IOException {
        running.replace(sources(file, desired));
        forwarder.accept(forward(file, desired));
        own = file;
        applied = desired;
    }

    long appliedVersion() {
        return appliedVersion;
    }

    /**
     * Puts a version in effect, or leaves everything as it was and says why.
     *
     * @param forward gets the options of an applied version
     */
    ConfigReport desire(long version, String yaml, SourceSet sources, Consumer<ForwarderOptions> forward) {
        ConfigReport known = report;
        if (known != null && known.version() == version) {
            return known;
        }
        ConfigReport told;
        try {
            DesiredConfig desired = read(yaml, version);
            List<String> unwanted = own.collector().unwanted(desired.sources(), own.sources());
            if (!unwanted.isEmpty()) {
                told = report(version, false, unwanted);
                LOG.warn("config version {} of the collector is refused: {}", version, String.join("; ", unwanted));
            } else {
                if (version != appliedVersion) {
                    takeEffect(own, desired, sources, forward);
                    appliedVersion = version;
                    keep(version, yaml);
                }
                told = report(version, true, List.of());
                LOG.info("config version {} of the collector is applied", version);
            }
        } catch (ConfigException e) {
            told = report(
                    version, false, e.problems().stream().map(Object::toString).toList());
            LOG.warn("config version {} of the collector is refused: {}", version, e.getMessage());
        } catch (IOException e) {
            told = report(version, false, List.of(String.valueOf(e.getMessage())));
            LOG.warn("config version {} of the collector is not applied: {}", version, e.getMessage());
        }
        report = told;
        return told;
    }

    /**
     * Puts the agent's own file in effect as it is at this moment: for SIGHUP and the command {@code reload}.
     *
     * @return what is wrong; empty when it is in effect
     */
    String reload(OwnFile ownFile, SourceSet sources, Consumer<ForwarderOptions> forward) {
        String fault = "";
        try {
            AgentConfig changed = ownFile.read();
            if (changed.withoutReloadable(own).equals(own)) {
                takeEffect(changed, applied, sources, forward);
            } else {
                fault =
                        "more than forward and sources has changed, which takes a restart of the agent; nothing was changed";
            }
        } catch (ConfigException | IOException e) {
            fault = String.valueOf(e.getMessage());
        }
        if (fault.isEmpty()) {
            LOG.info("the configuration was read anew and is in effect");
        } else {
            LOG.error("the configuration was read anew and is refused, the old one stays: {}", fault);
        }
        return fault;
    }

    /** The file that the agent was started with. */
    interface OwnFile {
        AgentConfig read() throws ConfigException;
    }

    private ConfigReport report(long version, boolean ok, List<String> reasons) {
        return new ConfigReport(version, ok, reasons, appliedVersion, clock.wallNs());
    }

    /** What does not last is in effect all the same, and comes again after a restart: the collector knows it. */
    private void keep(long version, String yaml) {
        Path next = file.resolveSibling(file.getFileName() + ".tmp");
        try {
            try (FileChannel out = FileChannel.open(
                    next, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer bytes = ByteBuffer.wrap((version + "\n" + yaml).getBytes(StandardCharsets.UTF_8));
                while (bytes.hasRemaining()) {
                    out.write(bytes);
                }
                out.force(true);
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            LOG.warn(
                    "config version {} is in effect until the agent ends, it cannot be kept: {}",
                    version,
                    e.toString());
        }
    }
}
