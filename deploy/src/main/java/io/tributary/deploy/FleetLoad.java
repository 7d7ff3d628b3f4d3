package io.tributary.deploy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code firmware-sim load}: the fleet on which databases are compared, sent to the collector of a line. */
final class FleetLoad {
    private final Line line;
    private final List<String> arguments;

    /** @param steps rows of each device, of ten channels */
    FleetLoad(Line line, int devices, long steps) {
        this.line = line;
        this.arguments = new ArrayList<>(List.of(
                "load",
                "--collector",
                line.grpcAddress(),
                "--devices",
                String.valueOf(devices),
                "--steps",
                String.valueOf(steps)));
    }

    /** More options of the command. */
    FleetLoad with(String... more) {
        arguments.addAll(List.of(more));
        return this;
    }

    /** @param name of its log, after {@code firmware-sim-} */
    Program start(String name) {
        return line.simulate(name, arguments);
    }

    /** To its end. */
    void run(String name, Duration patience) {
        start(name).awaitSuccess(patience);
    }

    /** To its end, and what it found, the collector's CPU time, memory and written bytes included. */
    JsonNode measure(String name, Duration patience) {
        with("--pid", String.valueOf(line.collector().pid()), "--json");
        Program program = start(name);
        program.awaitSuccess(patience);
        List<String> output = program.output();
        return JsonMapper.shared().readTree(output.get(output.size() - 1));
    }
}
