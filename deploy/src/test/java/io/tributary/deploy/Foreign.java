package io.tributary.deploy;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Programs of others that tests run; where one is not installed the test is skipped and says how to get it. */
final class Foreign {
    private static final List<String> PYTHONS = List.of("/usr/bin/python3", "python3");

    private Foreign() {}

    /** Python with Eclipse Paho, as Debian has it, and this script. */
    static List<String> paho(Path directory, String script, String... arguments) throws Exception {
        for (String python : PYTHONS) {
            if (succeeds(List.of(python, "-c", "import paho.mqtt.client"))) {
                return command(List.of(python, resource(directory, script).toString()), arguments);
            }
        }
        assumeTrue(false, "python3-paho-mqtt is not installed: apt-get install python3-paho-mqtt; skipped");
        throw new IllegalStateException("not reached");
    }

    /** Node with a package that {@code .ci/run} installs. */
    static List<String> node(Path root, Path directory, String npm, String script, String... arguments)
            throws Exception {
        assumeTrue(succeeds(List.of("node", "--version")), "node is not installed: apt-get install nodejs; skipped");
        Path modules = root.resolve(".ci/node_modules");
        assumeTrue(
                Files.isDirectory(modules.resolve(npm)),
                "npm package " + npm + " is not installed: npm install --prefix .ci; skipped");
        Files.createSymbolicLink(directory.resolve("node_modules"), modules.toAbsolutePath());
        return command(List.of("node", resource(directory, script).toString()), arguments);
    }

    /** A program of Debian's {@code mosquitto-clients}. */
    static List<String> mosquitto(String program, String... arguments) throws Exception {
        assumeTrue(
                succeeds(List.of("which", program)),
                program + " is not installed: apt-get install mosquitto-clients; skipped");
        return command(List.of(program), arguments);
    }

    /** collectd with its plugin mqtt, in the foreground, with the configuration {@code collectd.conf} for a port. */
    static List<String> collectd(Path directory, int port) throws Exception {
        assumeTrue(
                succeeds(List.of("which", "collectd")) || succeeds(List.of("test", "-x", "/usr/sbin/collectd")),
                "collectd is not installed: apt-get install collectd-core libmosquitto1; skipped");
        Path configuration = resource(directory, "collectd.conf");
        String text = Files.readString(configuration);
        Files.writeString(
                configuration, text.replace("DIRECTORY", directory.toString()).replace("PORT", String.valueOf(port)));
        return List.of("/usr/sbin/collectd", "-f", "-C", configuration.toString());
    }

    private static List<String> command(List<String> program, String... arguments) {
        List<String> command = new ArrayList<>(program);
        command.addAll(List.of(arguments));
        return command;
    }

    private static boolean succeeds(List<String> command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false; // not there
        }
    }

    /** A file of the test resources' folder {@code foreign}, as a file of this directory. */
    static Path resource(Path directory, String name) throws IOException {
        try (InputStream in = Foreign.class.getResourceAsStream("/foreign/" + name)) {
            if (in == null) {
                throw new IOException("no resource /foreign/" + name);
            }
            return Files.write(directory.resolve(name), in.readAllBytes());
        }
    }

    /** Starts it; its output goes to {@code log}. */
    static Process start(List<String> command, Path input, Path log) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(input.toFile())
                .redirectOutput(log.toFile());
        builder.environment().putAll(Map.of("PYTHONUNBUFFERED", "1"));
        return builder.start();
    }
}
