package io.tributary.sim;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine;

/** Runs the program in this process. */
record ProgramRun(int code, String out, String err) {
    static final Instant NOW = Instant.parse("2024-06-01T00:00:00Z");

    static ProgramRun of(String... arguments) {
        return of(new StopSignal(), arguments);
    }

    static ProgramRun of(StopSignal stop, String... arguments) {
        CommandLine program =
                FirmwareSim.commandLine(new Environment(InstantSource.fixed(NOW), System::nanoTime, stop));
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        program.setOut(new PrintWriter(out));
        program.setErr(new PrintWriter(err));
        for (CommandLine command : program.getSubcommands().values()) {
            command.setOut(program.getOut());
            command.setErr(program.getErr());
        }
        int code = program.execute(arguments);
        program.getOut().flush();
        program.getErr().flush();
        return new ProgramRun(code, out.toString(), err.toString());
    }

    /** The figure of a JSON summary. */
    long figure(String name) {
        String json = List.of(out.strip().split("\n")).get(0);
        int at = json.indexOf("\"" + name + "\":") + name.length() + 3;
        int end = at;
        while (Character.isDigit(json.charAt(end))) {
            end++;
        }
        return Long.parseLong(json.substring(at, end));
    }
}
