package io.tributary.agent.source.opcua;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.source.DeviceCommand;
import io.tributary.agent.source.DeviceOutcome;
import io.tributary.model.Quality;
import java.util.stream.LongStream;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.ULong;
import org.junit.jupiter.api.Test;

/** Values, paths to them, writes, and an intake that pushes back; {@link OpcuaFailureTest} has what breaks, {@link ForeignServerTest} another server. */
final class OpcuaSourceTest extends OpcuaLine {
    private int written;

    // ---- values ----

    @Test
    void valuesOfEveryType_haveTheirTimeTypeAndQuality() throws Exception {
        MiloServer server = server("d", "f", "i", "u", "b", "s", "t", "a", "m", "big", "bad");
        start(server.endpoint(), PATTERN, "");
        await(PATIENCE, () -> server.watched() == 11);
        server.write("d", 1.5, 2000);
        server.write("f", 0.1f, 2001);
        server.write("i", -5, 2002);
        server.write("u", ULong.valueOf(7), 2003);
        server.write("b", true, 2004);
        server.write("s", "on", 2005);
        server.write("t", MiloServer.time(42), 2006);
        server.write("a", new Double[] {1.0, 2.0}, 2007);
        server.write(
                "m", org.eclipse.milo.opcua.stack.core.types.builtin.Matrix.ofInt32(new int[][] {{1, 2}, {3, 4}}), 1);
        server.write("big", ULong.valueOf("18446744073709551615"), 1);
        server.write("bad", 3.0, 2008);
        server.write(
                "bad",
                new DataValue(
                        Variant.NULL_VALUE,
                        new StatusCode(StatusCodes.Bad_SensorFailure),
                        MiloServer.time(2009),
                        MiloServer.time(5009)));
        await(PATIENCE, () -> readings().stream().anyMatch(each -> each.contains("bad.server-time")));
        assertThat(readings())
                .containsExactlyInAnyOrder(
                        "Line1 d 2000 1.5 0",
                        "Line1 f 2001 0.1 0",
                        "Line1 i 2002 -5 0",
                        "Line1 u 2003 7 0",
                        "Line1 b 2004 true 0",
                        "Line1 s 2005 on 0",
                        "Line1 t 2006 42000000 0",
                        "Line1 a[0] 2007 1.0 0",
                        "Line1 a[1] 2007 2.0 0",
                        "Line1 bad 2008 3.0 0",
                        "Line1 bad 2009 NaN " + Quality.BAD_SENSOR,
                        "Line1 bad.server-time 2009 5009000000 0");
        assertThat(metrics.refusedValues.labelValues("opcua", "matrix").get()).isEqualTo(1);
        assertThat(metrics.refusedValues
                        .labelValues("opcua", "integer-too-large")
                        .get())
                .isEqualTo(1);
    }

    @Test
    void nodesPathsAndPatterns_findVariables_andTheFirstEntryWins() throws Exception {
        MiloServer server = server("x", "y", "z");
        start(server.endpoint(), """
                [{node: "nsu=urn:tributary:test;s=Line1.x", device: by-id, channel: first},
                 {path: "/2:Line1/2:y", device: by-path, unit: bar},
                 {pattern: "+/{channel}", device: by-pattern, tags: {site: north}},
                 {node: "ns=2;s=missing", device: nobody}]""", "");
        await(PATIENCE, () -> server.watched() == 3);
        server.write("x", 1, 2000);
        server.write("y", 2, 2000);
        server.write("z", 3, 2000);
        await(PATIENCE, () -> intake.readings() == 3);
        assertThat(readings())
                .containsExactlyInAnyOrder("by-id first 2000 1 0", "by-path y 2000 2 0", "by-pattern z 2000 3 0");
        assertThat(intake.taken().stream().flatMap(batch -> batch.channels().stream()))
                .anyMatch(
                        channel -> channel.name().equals("y") && channel.unit().equals("bar"));
        assertThat(intake.taken().stream().flatMap(batch -> batch.devices().stream()))
                .anyMatch(device -> "north".equals(device.tags().get("site")));
        assertThat(metrics.nodes.labelValues("opcua").get()).isEqualTo(3);
        assertThat(metrics.nodesRefused.labelValues("opcua").get()).isEqualTo(1);
    }

    // ---- commands ----

    @Test
    void writableNodes_areWritten_asTheTypeTheyHave() throws Exception {
        MiloServer server = server("x", "y");
        OpcuaSource source = start(server.endpoint(), PATTERN, "writable: [\"ns=2;s=Line1.x\", \"ns=2;s=*none*\"]");
        await(PATIENCE, () -> server.watched() == 2);
        server.writable("x");
        server.write("x", 1.5, 2000);
        DeviceCommand.Write command = new DeviceCommand.Write("ns=2;s=Line1.x", "2.5");

        assertThat(source.takes(command)).isTrue();
        assertThat(source.takes(new DeviceCommand.Write("ns=2;s=Line1.y", "1"))).isFalse();
        assertThat(source.takes(new DeviceCommand.Publish("d", "t", new byte[0])))
                .isFalse();
        assertThat(source.reaches(command).toCompletableFuture().join()).isTrue();
        assertThat(carryOut(source, "ns=2;s=Line1.x", "2.5"))
                .isEqualTo(new DeviceOutcome(DeviceOutcome.Kind.DONE, "the server has taken 2.5"));
        assertThat(server.value("x")).isEqualTo(2.5);
        assertThat(carryOut(source, "ns=2;s=Line1.x", "open").detail())
                .isEqualTo("value \"open\" is no Double, which the node has");
        assertThat(carryOut(source, "ns=2;s=none", "1").kind()).isEqualTo(DeviceOutcome.Kind.FAILED);
        assertThat(server.value("x")).isEqualTo(2.5);
        server.close();
        await(PATIENCE, () -> !source.reaches(command).toCompletableFuture().join());
        assertThat(carryOut(source, "ns=2;s=Line1.x", "3").kind()).isEqualTo(DeviceOutcome.Kind.NOT_SENT);
    }

    private static DeviceOutcome carryOut(OpcuaSource source, String node, String value) {
        return source.carryOut(new DeviceCommand.Write(node, value), "id", Long.MAX_VALUE)
                .toCompletableFuture()
                .join();
    }

    // ---- the contract ----

    @Test
    void intakeThatRefusesAtRandom_getsEveryValueOnce_inOrder() throws Exception {
        intake.refusals(0.5);
        MiloServer server = server("x", "y");
        start(server.endpoint(), PATTERN, "publishing-interval: 20ms\n    queue: 10000\n    in-flight: 3");
        await(PATIENCE, () -> server.watched() == 2);
        for (int i = 0; i < 2000; i++) {
            server.write(i % 2 == 0 ? "x" : "y", i, 2000 + i);
        }
        await(PATIENCE, () -> intake.readings() == 2000);
        assertThat(values("x"))
                .containsExactlyElementsOf(
                        LongStream.range(0, 1000).map(i -> 2 * i).boxed().toList());
        assertThat(metrics.overflows.labelValues("opcua").get()).isZero();
    }

    @Test
    void intakeWithoutRoom_holdsTheServerBack_andWhatItDropsIsCounted() throws Exception {
        intake.refusals(1);
        MiloServer server = server("x");
        start(server.endpoint(), PATTERN, "publishing-interval: 20ms\n    queue: 5\n    in-flight: 2");
        await(PATIENCE, () -> server.watched() == 1);
        await(PATIENCE, () -> {
            server.write("x", -1 - written, 2000 + written++);
            return metrics.inFlight.labelValues("opcua").get() == 2;
        });
        for (int i = 0; i < 100; i++) {
            server.write("x", i, 9000 + i);
        }
        assertThat(metrics.inFlight.labelValues("opcua").get()).isEqualTo(2);
        intake.refusals(0);
        await(PATIENCE, () -> metrics.overflows.labelValues("opcua").get() > 0);
        await(PATIENCE, () -> values("x").contains(99L));
    }

    @Test
    void valueThatIsNeverTaken_goesToTheDeadLetters_theOthersOn() throws Exception {
        intake.refuseForGood(batch ->
                batch.channels().stream().anyMatch(channel -> channel.name().equals("y")));
        MiloServer server = server("x", "y");
        start(server.endpoint(), PATTERN, "");
        await(PATIENCE, () -> server.watched() == 2);
        server.write("x", 1, 2000);
        server.write("y", 2, 2000);
        await(PATIENCE, () -> intake.letters().size() == 1 && intake.readings() == 1);
        assertThat(intake.letters().get(0)).startsWith("too-large");
    }
}
