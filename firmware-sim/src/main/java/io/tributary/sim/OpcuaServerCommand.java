package io.tributary.sim;

import io.tributary.config.HostPort;
import io.tributary.model.Channel;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import io.tributary.sim.ledger.LedgerWriter;
import io.tributary.sim.link.DeliveryLog;
import io.tributary.sim.opcua.SimulatedServer;
import io.tributary.sim.row.Row;
import io.tributary.sim.signal.FleetRows;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code opcua-server}: the fleet's signals as variables of an OPC UA server. */
@Command(
        name = "opcua-server",
        mixinStandardHelpOptions = true,
        versionProvider = FirmwareSim.Version.class,
        sortOptions = false,
        description = {
            "Serves simulated devices as variables Fleet/DEVICE/CHANNEL of an OPC UA server, until it is stopped or its"
                    + " steps are over. It trusts every client: for tests only.",
            "Prints one line READY when it serves. A line \"restart\" on stdin restarts the server."
        })
final class OpcuaServerCommand implements Callable<Integer> {
    private static final int STOPPED = 130;

    private final Environment environment;

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--listen",
            defaultValue = "127.0.0.1:4840",
            paramLabel = "HOST:PORT",
            description = "Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private HostPort listen;

    @Option(names = "--devices", defaultValue = "10", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
    private int devices;

    @Option(
            names = "--channels",
            defaultValue = "7",
            paramLabel = "M",
            description = "Of each device, as in fleet. Default: ${DEFAULT-VALUE}.")
    private int channels;

    @Option(
            names = "--interval",
            defaultValue = "1s",
            paramLabel = "DURATION",
            description = "Between the changes of a device. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration interval;

    @Option(names = "--steps", paramLabel = "K", description = "Changes of each device. Default: without end.")
    private @Nullable Long steps;

    @Option(names = "--seed", defaultValue = "42", paramLabel = "S", description = "Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--prefix",
            defaultValue = "opc-",
            paramLabel = "TEXT",
            description = "Before the number of a device. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private String prefix;

    @Option(
            names = "--bad",
            defaultValue = "0",
            paramLabel = "PCT",
            description = "Percentage of rows with status Bad_SensorFailure.")
    private double bad;

    @Option(
            names = "--restart-every",
            paramLabel = "DURATION",
            description = "Restart the server: every session and subscription is forgotten.")
    private @Nullable Duration restartEvery;

    @Option(
            names = "--secured",
            description = "Offer Basic256Sha256, Aes128_Sha256_RsaOaep and Aes256_Sha256_RsaPss, too.")
    private boolean secured;

    @Option(names = "--user", paramLabel = "NAME", description = "Let this user in, beside anonymous clients.")
    private @Nullable String user;

    @Option(names = "--password", paramLabel = "TEXT", description = "Of the user.")
    private @Nullable String password;

    @Option(
            names = "--wait-for",
            defaultValue = "0",
            paramLabel = "N",
            description = "Begin to change when so many variables are subscribed. Default: ${DEFAULT-VALUE}.")
    private int waitFor;

    @Option(
            names = "--linger",
            defaultValue = "10s",
            paramLabel = "DURATION",
            description =
                    "Serve so long after the last change, for subscribers to hear of it. Default: ${DEFAULT-VALUE}.")
    @SuppressWarnings("NullAway.Init")
    private Duration linger;

    @Option(
            names = "--ledger",
            paramLabel = "FILE",
            description = "Keep here what was published. Nobody acknowledges it: to verify it is in doubt.")
    private @Nullable Path ledger;

    OpcuaServerCommand(Environment environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (interval.isZero() || devices < 1 || channels < 1 || bad < 0 || bad > 100) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--interval, --devices and --channels have to be more than 0, --bad from 0 to 100");
        }
        Path file = ledger;
        if (file == null) {
            return serve(DeliveryLog.NONE);
        }
        try (LedgerWriter log = LedgerWriter.open(file)) {
            return serve(log);
        }
    }

    private int serve(DeliveryLog log) throws IOException, InterruptedException {
        PrintWriter out = spec.commandLine().getOut();
        long intervalNs = interval.toNanos();
        long count = steps == null ? Long.MAX_VALUE / intervalNs / 2 : steps;
        AtomicBoolean restart = new AtomicBoolean();
        long rows = 0;
        try (SimulatedServer server = new SimulatedServer(listen, secured, user, password);
                FleetRows fleet =
                        FleetRows.mixed(devices, channels, count, environment.nowNs(), intervalNs, seed, prefix)) {
            server.start();
            // Variables are there before anybody browses.
            for (int i = 0; i < devices; i++) {
                publish(server, log, rows++, next(fleet), new SplittableRandom(seed));
            }
            out.println("READY firmware-sim opcua=opc.tcp://" + listen);
            out.flush();
            commands(restart);
            while (server.watched() < waitFor && !environment.stop().await(50_000_000)) {
                // Looked at again, until there are so many or the end is requested.
            }
            rows = change(server, fleet, log, rows, restart);
            environment.stop().await(linger.toNanos());
        }
        out.println("published " + rows + " rows");
        out.flush();
        return environment.stop().isRequested() ? STOPPED : 0;
    }

    private static Row next(FleetRows fleet) {
        Row row = fleet.next();
        if (row == null) {
            throw new IllegalStateException("BUG: a fleet without a first step");
        }
        return row;
    }

    private long change(SimulatedServer server, FleetRows fleet, DeliveryLog log, long before, AtomicBoolean restart)
            throws IOException, InterruptedException {
        Pacer pacer = new Pacer(Speed.parse("1"), 0, environment.nanoTime());
        SplittableRandom random = new SplittableRandom(seed);
        Duration every = restartEvery;
        long restarted = environment.nanoTime().getAsLong();
        long rows = before;
        for (Row row = fleet.next(); row != null; row = fleet.next()) {
            long wait = pacer.waitNanos(row);
            if (wait > 0 && environment.stop().await(wait) || environment.stop().isRequested()) {
                return rows;
            }
            long now = environment.nanoTime().getAsLong();
            if (restart.getAndSet(false) || every != null && now - restarted > every.toNanos()) {
                restarted = now;
                server.restart();
                spec.commandLine().getErr().println("restarted");
            }
            publish(server, log, rows++, row, random);
        }
        return rows;
    }

    private void publish(SimulatedServer server, DeliveryLog log, long id, Row row, SplittableRandom random)
            throws IOException {
        Row sent = SimulatedServer.carried(random.nextDouble() * 100 < bad ? failed(row) : row);
        log.sending(id, List.of(sent));
        server.publish(sent);
    }

    private static Row failed(Row row) {
        Row.Builder failed = Row.builder(row.device(), row.eventTimeNs(), row.size());
        for (int i = 0; i < row.size(); i++) {
            Channel channel = row.channel(i);
            String text = channel.type() == ValueType.STRING ? row.text(i) : null;
            failed.add(channel, row.bits(i), text, Quality.BAD_SENSOR);
        }
        return failed.build();
    }

    private static void commands(AtomicBoolean restart) {
        Thread thread = new Thread(
                () -> {
                    try {
                        BufferedReader in =
                                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
                        for (String line = in.readLine(); line != null; line = in.readLine()) {
                            if (line.strip().equals("restart")) {
                                restart.set(true);
                            }
                        }
                    } catch (IOException e) {
                        // Nobody commands any more; the server goes on.
                        org.slf4j.LoggerFactory.getLogger(OpcuaServerCommand.class)
                                .debug("stdin", e);
                    }
                },
                "commands");
        thread.setDaemon(true);
        thread.start();
    }
}
