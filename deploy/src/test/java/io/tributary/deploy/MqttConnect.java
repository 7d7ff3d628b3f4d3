package io.tributary.deploy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** A CONNECT of MQTT 5 over TLS: the reason code is the word. */
record MqttConnect(X509Certificate authority, int port) {
    private static final int PATIENCE_MILLIS = 30_000;
    private static final int RESETS_MAX = 5;

    /**
     * The end of the connection may overtake the alert before it, as the server leaves our CONNECT unread: tried again then.
     */
    Outcome make(@Nullable String user, @Nullable String password, @Nullable Identity own) throws Exception {
        Outcome outcome = once(user, password, own);
        for (int again = 0; again < RESETS_MAX && outcome.word().equals("closed"); again++) {
            outcome = once(user, password, own);
        }
        return outcome;
    }

    private Outcome once(@Nullable String user, @Nullable String password, @Nullable Identity own) throws Exception {
        try (Socket socket = Identity.context(authority, own).getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(packet(user, password));
            socket.getOutputStream().flush();
            InputStream in = socket.getInputStream();
            byte[] answer = in.readNBytes(4);
            if (answer.length < 4) {
                return new Outcome("closed", "");
            }
            int reason = answer[3] & 0xff;
            String rest = new String(in.readNBytes(Math.max(0, (answer[1] & 0xff) - 2)), StandardCharsets.UTF_8);
            return reason == 0 ? Outcome.TAKEN : new Outcome("0x" + Integer.toHexString(reason), rest);
        } catch (SSLException e) {
            return Outcome.ALERT;
        } catch (IOException e) {
            return new Outcome("closed", "");
        }
    }

    private static byte[] packet(@Nullable String user, @Nullable String password) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeUTF("MQTT");
        body.writeByte(5);
        body.writeByte(2 | (user == null ? 0 : 0x80) | (password == null ? 0 : 0x40));
        body.writeShort(60);
        body.writeByte(0); // no properties
        body.writeUTF("matrix");
        if (user != null) {
            body.writeUTF(user);
        }
        if (password != null) {
            body.writeUTF(password);
        }
        ByteArrayOutputStream packet = new ByteArrayOutputStream();
        packet.write(0x10);
        packet.write(bytes.size());
        packet.write(bytes.toByteArray());
        return packet.toByteArray();
    }
}
