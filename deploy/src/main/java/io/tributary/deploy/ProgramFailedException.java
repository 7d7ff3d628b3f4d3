package io.tributary.deploy;

/** A program did not do what it was started for; the message carries the end of its log. */
final class ProgramFailedException extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final int LOG_LINES = 25;

    ProgramFailedException(Program program, String problem) {
        super(program.name() + " " + problem + "; the end of " + program.log() + ":\n    "
                + String.join("\n    ", program.logTail(LOG_LINES)));
    }
}
