package io.tributary.deploy;

import io.tributary.proto.v1.FrameReply;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One reading to a TCP source over a TLS connection of its own: taken when it is answered as durable. */
record TlsSocketCall(X509Certificate authority, int port) {
    private static final int PATIENCE_MILLIS = 30_000;

    private interface Exchange {
        Outcome make(DataOutputStream out, DataInputStream in) throws IOException;
    }

    Outcome line(String line, @Nullable Identity own) throws Exception {
        return make(own, (out, in) -> {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            out.flush();
            byte[] answer = in.readNBytes(5);
            String said = new String(answer, StandardCharsets.UTF_8);
            return said.equals("OK 1\n") ? Outcome.TAKEN : new Outcome(answer.length == 0 ? "closed" : "answer", said);
        });
    }

    Outcome frame(@Nullable Identity own) throws Exception {
        return make(own, (out, in) -> {
            byte[] frame = FrameConnection.frame(1, "a", "t", 0, 1).toByteArray();
            out.writeInt(frame.length);
            out.write(frame);
            out.flush();
            byte[] length = in.readNBytes(Integer.BYTES);
            if (length.length == 0) {
                return new Outcome("closed", "");
            }
            FrameReply reply = FrameReply.parseFrom(in.readNBytes(length[3]));
            return reply.getResult() == FrameReply.Result.ACCEPTED
                    ? Outcome.TAKEN
                    : new Outcome(reply.getResult().name(), reply.getMessage());
        });
    }

    private Outcome make(@Nullable Identity own, Exchange exchange) throws Exception {
        try (Socket socket = Identity.context(authority, own).getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            return exchange.make(
                    new DataOutputStream(socket.getOutputStream()), new DataInputStream(socket.getInputStream()));
        } catch (SSLException e) {
            return Outcome.ALERT;
        } catch (IOException e) {
            return new Outcome("closed", "");
        }
    }
}
