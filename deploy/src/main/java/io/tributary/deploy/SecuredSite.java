package io.tributary.deploy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A security directory with everything that a line needs, made by the programs' own commands. */
final class SecuredSite {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Installation installation;
    private final Path files;
    private int commands;

    /** @param files gets directory {@code security} and the commands' logs */
    SecuredSite(Installation installation, Path files) {
        this.installation = installation;
        this.files = files;
    }

    Path directory() {
        return files.resolve("security");
    }

    /** PEM of the authority. */
    Path authority() {
        return directory().resolve("ca.crt");
    }

    void init() {
        collector("ca", "init", "--host", "localhost", "--host", "127.0.0.1");
    }

    /** The enrolment token. */
    String invite(String agent, String devices) {
        return collector("agent", "invite", agent, "--devices", devices).get(0);
    }

    void revoke(String agent) {
        collector("agent", "revoke", agent);
    }

    /** @param options {@code --role} and so on */
    String createToken(String name, String... options) {
        List<String> arguments = new ArrayList<>(List.of("token", "create", name));
        arguments.addAll(List.of(options));
        return collector(arguments.toArray(String[]::new)).get(0);
    }

    /** @return where {@code agent.pem} and {@code ca.crt} are */
    Path enrol(String grpcAddress, String token, String name) {
        Path identity = files.resolve(name);
        Program enroll = run(
                Installation.AGENT,
                List.of("enroll", "--collector", grpcAddress, "--token", token, "--directory", identity.toString()));
        if (enroll.awaitExit(PATIENCE) != 0) {
            throw new ProgramFailedException(enroll, "did not enrol");
        }
        return identity;
    }

    List<String> auditLines() {
        try {
            return Files.readAllLines(directory().resolve("audit.log"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the audit log", e);
        }
    }

    private List<String> collector(String... arguments) {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--directory");
        all.add(directory().toString());
        Program program = run(Installation.COLLECTOR, all);
        if (program.awaitExit(PATIENCE) != 0) {
            throw new ProgramFailedException(program, "failed: " + String.join(" ", arguments));
        }
        return program.output();
    }

    /** Any command of a program, with a log of its own. */
    Program run(String program, List<String> arguments) {
        return Program.start(
                installation.script(program), arguments, Map.of(), files.resolve("command-" + ++commands + ".log"));
    }
}
