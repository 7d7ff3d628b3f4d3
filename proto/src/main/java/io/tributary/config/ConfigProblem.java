package io.tributary.config;

/**
 * One thing wrong in a configuration file.
 *
 * @param file as the user named it
 * @param line from 1; 0 when the file as a whole is meant
 * @param column from 1; 0 when the file as a whole is meant
 * @param path of the key, {@code sources[0].listen}; empty for the document
 * @param message value, then expectation
 */
public record ConfigProblem(String file, int line, int column, String path, String message) {
    @Override
    public String toString() {
        String place = line == 0 ? file : file + ":" + line + ":" + column;
        return path.isEmpty() ? place + ": " + message : place + ": " + path + ": " + message;
    }
}
