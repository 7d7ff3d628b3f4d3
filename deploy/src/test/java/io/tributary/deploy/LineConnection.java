package io.tributary.deploy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A device on the agent's line protocol listener. */
final class LineConnection implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 30_000;

    private final Socket socket;
    private final OutputStream out;
    private final BufferedReader in;
    private final List<String> errors = new ArrayList<>();

    LineConnection(int port) throws IOException {
        socket = new Socket("127.0.0.1", port);
        socket.setSoTimeout(PATIENCE_MILLIS);
        out = socket.getOutputStream();
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    void send(String lines) throws IOException {
        send(lines.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads until {@code OK n} with at least so many lines; keeps the {@code ERR} lines on the way. */
    void awaitDurable(long lines) throws IOException {
        for (String answer = in.readLine(); answer != null; answer = in.readLine()) {
            if (answer.startsWith("ERR ")) {
                errors.add(answer);
            } else if (answer.startsWith("OK ") && Long.parseLong(answer.substring(3)) >= lines) {
                return;
            }
        }
        throw new IOException("closed before " + lines + " lines were durable; errors: " + errors);
    }

    List<String> errors() {
        return List.copyOf(errors);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
