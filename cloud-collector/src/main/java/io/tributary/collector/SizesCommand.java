package io.tributary.collector;

import io.tributary.collector.storage.StoreSizes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code cloud-collector sizes}: where the bytes of a store are. */
@Command(
        name = "sizes",
        mixinStandardHelpOptions = true,
        description = {
            "Tells what the chunks of a data directory are made of, as lines `name value unit`: by channel name and type, and"
                    + " what rows share.",
            "Not while a collector runs on the directory."
        })
final class SizesCommand implements Callable<Integer> {
    private static final int FAILED = 1;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Parameters(paramLabel = "DIRECTORY", description = "the data directory")
    @SuppressWarnings("NullAway.Init") // by picocli
    private Path directory;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        try {
            StoreSizes sizes = StoreSizes.of(directory);
            line(out, "chunks", sizes.chunks(), "chunks");
            line(out, "rows", sizes.rows(), "rows");
            line(out, "values", sizes.values(), "values");
            line(out, "bytes", sizes.bytes(), "B");
            double values = Math.max(1, sizes.values());
            line(out, "bytes_per_value", sizes.bytes() / values, "B");
            line(out, "keys_per_value", sizes.keys() / values, "B");
            line(out, "headers_per_value", sizes.headers() / values, "B");
            double rows = Math.max(1, sizes.rows());
            line(out, "event_time_per_row", sizes.event() / rows, "B");
            line(out, "edge_time_per_row", sizes.edge() / rows, "B");
            line(out, "collector_time_per_row", sizes.collector() / rows, "B");
            line(out, "sequence_per_row", sizes.sequences() / rows, "B");
            for (StoreSizes.OfChannel channel : sizes.channels()) {
                String type = channel.type().name().toLowerCase(Locale.ROOT);
                line(out, channel.name() + ":" + type, (double) channel.bytes() / channel.values(), "B");
            }
            return 0;
        } catch (IOException e) {
            spec.commandLine().getErr().println(e.getMessage());
            return FAILED;
        }
    }

    private static void line(PrintWriter out, String name, double value, String unit) {
        String text =
                value == Math.rint(value) ? Long.toString((long) value) : String.format(Locale.ROOT, "%.4f", value);
        out.println(name + " " + text + " " + unit);
        out.flush();
    }
}
