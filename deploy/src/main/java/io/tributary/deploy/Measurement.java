package io.tributary.deploy;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** One of {@code deploy/bench}: what they have in common. Exit code 1, and why, when a program did not do its part. */
abstract class Measurement implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    @Option(names = "--root", required = true, hidden = true)
    private @Nullable Path root;

    @Option(names = "--json", order = 1_000, description = "One JSON array instead of lines.")
    private boolean json;

    @Option(names = "--keep", order = 1_001, description = "Leave the files where they are.")
    private boolean keep;

    @Override
    public final Integer call() throws IOException {
        Figures figures = new Figures(new PrintStream(System.out, true, StandardCharsets.UTF_8), json);
        try (BenchDirectory directory = new BenchDirectory(keep)) {
            measure(figures, directory);
        } catch (ProgramFailedException | IllegalStateException e) {
            System.err.println(e.getMessage());
            return 1;
        }
        figures.end();
        return 0;
    }

    /** Starts what it needs, with files in the directory, and adds what it finds as it finds it. */
    abstract void measure(Figures figures, BenchDirectory directory) throws IOException;

    /** The checkout. */
    final Path root() {
        if (root == null) {
            throw new IllegalStateException("BUG: --root is required");
        }
        return root;
    }

    /** A line of programs of this checkout, not started yet. */
    final Line line(Path files) {
        return new Line(new Installation(root()), files);
    }

    /** A wrong argument, as picocli tells of others. */
    final ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
