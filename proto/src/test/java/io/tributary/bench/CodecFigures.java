package io.tributary.bench;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs {@link ColumnBenchmark} and prints {@code name value unit} lines: {@code deploy/bench codecs [--json] [SIGNAL...]}. */
public final class CodecFigures {
    private CodecFigures() {}

    public static void main(String[] args) throws RunnerException {
        boolean json = false;
        List<String> signals = new ArrayList<>();
        for (String arg : args) {
            if (arg.equals("--json")) {
                json = true;
            } else {
                signals.add(arg);
            }
        }
        ChainedOptionsBuilder options = new OptionsBuilder()
                .include(ColumnBenchmark.class.getName() + "\\.")
                .verbosity(VerboseMode.SILENT);
        if (!signals.isEmpty()) {
            options.param("signal", signals.toArray(new String[0]));
        }
        Collection<RunResult> results = new Runner(options.build()).run();
        List<String> lines = new ArrayList<>();
        for (RunResult result : results) {
            String label = result.getPrimaryResult().getLabel();
            String name = "codec." + result.getParams().getParam("signal") + "." + label;
            lines.add(line(json, name, result.getPrimaryResult().getScore(), "Mvalues/s"));
            lines.add(line(json, name + ".error", result.getPrimaryResult().getScoreError(), "Mvalues/s"));
        }
        System.out.println(json ? "[" + String.join(",\n", lines) + "]" : String.join("\n", lines));
    }

    private static String line(boolean json, String name, double value, String unit) {
        return json
                ? String.format(Locale.ROOT, "{\"name\":\"%s\",\"value\":%.1f,\"unit\":\"%s\"}", name, value, unit)
                : String.format(Locale.ROOT, "%s %.1f %s", name, value, unit);
    }
}
