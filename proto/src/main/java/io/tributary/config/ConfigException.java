package io.tributary.config;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that cannot be used. Its message is for the user: one line per problem, in the order of the file. */
public final class ConfigException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<ConfigProblem> problems;

    public ConfigException(List<ConfigProblem> problems) {
        super(problems.stream().map(ConfigProblem::toString).collect(Collectors.joining(System.lineSeparator())));
        this.problems = List.copyOf(problems);
    }

    public List<ConfigProblem> problems() {
        return problems;
    }
}
