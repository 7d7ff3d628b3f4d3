package io.tributary.deploy;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * {@code deploy bench flooder}: the clients of {@link FloodBench} as a process of its own, which takes only what CPU nobody
 * else wants: it stands for other machines.
 */
@Command(name = "flooder", hidden = true, mixinStandardHelpOptions = true)
final class Flooder implements Callable<Integer> {
    /** Another address of this machine than the agents', so that the collector can tell them apart. */
    private static final String FROM = "127.0.0.2";

    @Option(names = "--grpc", required = true, paramLabel = "PORT")
    private int grpc;

    @Option(names = "--http", required = true, paramLabel = "PORT")
    private int http;

    @Option(names = "--clients", required = true, paramLabel = "N")
    private int clients;

    /**
     * Started in a session of its own, so that its share of the CPU is not taken from those it floods.
     *
     * @param nice 19 for the smallest share there is
     */
    static Program start(Installation installation, Line line, int clients, int nice, Path log) {
        String script =
                installation.root().resolve("deploy/target/dist/bin/deploy").toString();
        return Program.start(
                Path.of("setsid"),
                List.of(
                        "sh",
                        "-c",
                        // Where groups of sessions share the CPU, as on desktops, nice counts inside of one only.
                        "{ echo \"$0\" > /proc/self/autogroup; } 2> /dev/null || true; renice -n \"$0\" $$ > /dev/null; exec \"$@\"",
                        String.valueOf(nice),
                        script,
                        "bench",
                        "flooder",
                        "--grpc",
                        line.grpcAddress().substring(line.grpcAddress().indexOf(':') + 1),
                        "--http",
                        String.valueOf(line.httpPort()),
                        "--clients",
                        String.valueOf(clients)),
                java.util.Map.of(),
                log);
    }

    @Override
    public Integer call() throws Exception {
        List<Flood.Attack> attacks = new ArrayList<>();
        for (Flood.Kind kind : Flood.Kind.values()) {
            boolean churn = kind == Flood.Kind.CHURN;
            attacks.add(new Flood.Attack(kind, grpc, churn ? 5 : clients, Flood.tlsBeginning()));
            attacks.add(new Flood.Attack(kind, http, churn ? 5 : clients / 5, Flood.tlsBeginning()));
        }
        try (Flood flood = new Flood(attacks, InetAddress.getByName(FROM), Flood.FAST).start()) {
            CountDownLatch never = new CountDownLatch(1);
            boolean over = false;
            while (!over) {
                StringBuilder counts = new StringBuilder();
                for (Flood.Kind kind : Flood.Kind.values()) {
                    String name = kind.name().toLowerCase(Locale.ROOT);
                    counts.append(name)
                            .append(".opened ")
                            .append(flood.opened(kind))
                            .append(' ');
                    counts.append(name)
                            .append(".ended ")
                            .append(flood.endedByServer(kind))
                            .append(' ');
                }
                System.out.println(counts.toString().strip());
                over = never.await(1, TimeUnit.SECONDS);
            }
        }
        return 0;
    }
}
