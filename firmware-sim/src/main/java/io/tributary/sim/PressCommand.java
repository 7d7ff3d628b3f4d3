package io.tributary.sim;

import io.tributary.config.HostPort;
import io.tributary.sim.load.Press;
import io.tributary.sim.load.PressPlan;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code firmware-sim press}: how fast an agent takes readings and makes them durable. */
@Command(
        name = "press",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = {
            "Sends readings of the reference fleet to an agent as fast as it answers, and tells how fast that was.",
            "All messages are encoded before the clock starts: it is the agent that is measured."
        })
final class PressCommand implements Callable<Integer> {
    private final Environment environment;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--agent",
            required = true,
            paramLabel = "HOST:PORT",
            description = "Its source tcp-frames, or mqtt-listener for publishes.")
    @SuppressWarnings("NullAway.Init")
    private String agent;

    @Option(
            names = "--form",
            defaultValue = "batches",
            paramLabel = "FORM",
            description = "rows and batches: TCP frames. publishes: MQTT, QoS 1, one reading each, to"
                    + " load/DEVICE/CHANNEL. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private PressPlan.Form form;

    @Option(names = "--connections", defaultValue = "2", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int connections;

    @Option(
            names = "--window",
            defaultValue = "32",
            paramLabel = "N",
            description = "Messages of a connection that may be unanswered. Default: ${DEFAULT-VALUE}.")
    private int window;

    @Option(names = "--messages", defaultValue = "5000", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int messages;

    @Option(
            names = "--warm-up",
            defaultValue = "0",
            paramLabel = "N",
            description = "Messages before them, while the JVM compiles. Default: ${DEFAULT-VALUE}.")
    private int warmUp;

    @Option(names = "--devices", defaultValue = "100", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--frame-devices",
            defaultValue = "1",
            paramLabel = "N",
            description = "Devices that share a frame. Default: ${DEFAULT-VALUE}.")
    private int frameDevices;

    @Option(
            names = "--frame-rows",
            defaultValue = "100",
            paramLabel = "N",
            description = "Rows of a frame, ten readings each. Default: ${DEFAULT-VALUE}.")
    private int frameRows;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Mixin
    private final FiguresMixin output = new FiguresMixin();

    PressCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        PressPlan plan;
        try {
            plan = new PressPlan(
                    HostPort.parse(agent),
                    form,
                    connections,
                    window,
                    warmUp,
                    messages,
                    devices,
                    frameDevices,
                    frameRows,
                    seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
        }
        Map<String, Double> figures = new Press(plan, output.pid(), environment.nanoTime()).run();
        output.print(figures, spec.commandLine().getOut());
        return 0;
    }
}
