package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.source.opcua.MiloServer;
import io.tributary.agent.source.opcua.OpcuaConfig;
import io.tributary.config.ConfigReader;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

final class OpcuaCommandTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... arguments) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return new CommandLine(new OpcuaCommand())
                .setOut(new PrintWriter(out, true))
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }

    @Test
    void server_isShown_andWhatIsShownCanBeConfiguredAndChecked() throws Exception {
        try (MiloServer server = new MiloServer("flow", "state")) {
            server.write("flow", 1.5, 2000);
            server.write("state", "on", 2000);

            assertThat(run("browse", server.endpoint(), "--endpoints")).isZero();
            assertThat(out.toString()).contains("None\tNone\tAnonymous,UserName");

            assertThat(run("browse", server.endpoint())).isZero();
            assertThat(out.toString())
                    .contains("Line1")
                    .contains("  flow  Double  1.5  Good")
                    .contains("nsu=urn:tributary:test;s=Line1.flow");

            assertThat(run("browse", server.endpoint(), "--path", "/2:Line1", "--json"))
                    .isZero();
            assertThat(out.toString())
                    .contains(
                            "{\"node\":\"nsu=urn:tributary:test;s=Line1.state\",\"path\":\"/2:Line1/2:state\","
                                    + "\"variable\":true,\"type\":\"String\",\"unit\":\"\",\"value\":\"on\",\"status\":\"Good\"}");

            assertThat(run("browse", server.endpoint(), "--sample")).isZero();
            Path file = Files.writeString(directory.resolve("agent.yaml"), out.toString());
            assertThat(ConfigReader.read(file, AgentConfig.class).sources())
                    .hasAtLeastOneElementOfType(OpcuaConfig.class);

            assertThat(run("check", "--config", file.toString())).isZero();
            assertThat(out.toString()).contains("Line1\tflow\t1.5\tGood").contains("opcua: 2 variables");
            assertThat(run("check", "--config", file.toString(), "--json")).isZero();
            assertThat(out.toString()).contains("\"well\":true");

            assertThat(run("browse", server.endpoint(), "--path", "/2:Line2")).isEqualTo(1);
            assertThat(err.toString()).contains("the server has no /2:Line2");
        }
    }

    @Test
    void wrongUsage_endsWithTwo() throws Exception {
        assertThat(run("browse", "http://127.0.0.1")).isEqualTo(2);
        assertThat(err.toString()).contains("expected opc.tcp://HOST:PORT");
        assertThat(run("browse", "opc.tcp://127.0.0.1:1", "--security-policy", "best"))
                .isEqualTo(2);
        assertThat(err.toString()).contains("expected one of [none, basic256sha256");
        Path other = Files.writeString(
                directory.resolve("other.yaml"), "agent: a\noutbox: {path: o}\nsources: [{type: tcp-lines}]\n");
        assertThat(run("check", "--config", other.toString())).isEqualTo(2);
    }
}
