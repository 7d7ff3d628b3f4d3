package io.tributary.collector.security;

import io.tributary.config.ConfigException;
import io.tributary.config.ConfigReader;
import io.tributary.config.SafeFiles;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of {@code agents/}, one per agent, named by its percent-encoded ID. */
final class GrantFiles {
    private final SecurityDirectory directory;

    GrantFiles(SecurityDirectory directory) {
        this.directory = directory;
    }

    private Path file(String agent) {
        // An ID may be "..", which URLEncoder leaves alone; the prefix keeps it a plain file name.
        return directory.agents().resolve("agent-" + URLEncoder.encode(agent, StandardCharsets.UTF_8) + ".yaml");
    }

    /** Null when nothing is known of the agent. */
    @Nullable
    AgentGrant read(String agent) throws IOException {
        Path file = file(agent);
        return Files.exists(file) ? read(file) : null;
    }

    List<AgentGrant> all() throws IOException {
        List<AgentGrant> grants = new ArrayList<>();
        for (Path file : SecurityDirectory.files(directory.agents())) {
            grants.add(read(file));
        }
        return grants;
    }

    void write(AgentGrant grant) throws IOException {
        Files.createDirectories(directory.agents());
        SafeFiles.replace(file(grant.agent()), grant.yaml(), "rw-------");
    }

    /** What tells a changed file from the one read before; empty when there is none. */
    String stamp(String agent) throws IOException {
        Path file = file(agent);
        return Files.exists(file)
                ? Files.readAttributes(file, "fileKey,lastModifiedTime,size").toString()
                : "";
    }

    private static AgentGrant read(Path file) throws IOException {
        try {
            return ConfigReader.read(file, AgentGrant.class);
        } catch (ConfigException e) {
            throw new IOException(e.getMessage(), e);
        }
    }
}
