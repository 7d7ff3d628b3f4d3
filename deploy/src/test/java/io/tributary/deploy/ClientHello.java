package io.tributary.deploy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** First bytes of a connection that no library of ours would send any more: old TLS, weak ciphers, no TLS at all. */
final class ClientHello {
    private static final int PATIENCE_MILLIS = 20_000;
    private static final int TLS_1_1 = 0x0302;
    private static final int TLS_1_2 = 0x0303;
    private static final int HANDSHAKE = 22;
    private static final int ALERT = 21;

    /** CBC with ephemeral keys, CBC and GCM with the server's RSA key, 3DES, RC4. */
    private static final int[] WEAK = {0xC009, 0xC00A, 0xC013, 0xC014, 0x002F, 0x0035, 0x009C, 0x000A, 0x0005};

    private static final int[] OF_1_1 = {0xC009, 0xC00A, 0xC013, 0xC014, 0x002F, 0x0035};

    private ClientHello() {}

    static Outcome oldVersion(int port) throws IOException {
        return answer(port, hello(TLS_1_1, OF_1_1));
    }

    static Outcome weakCiphers(int port) throws IOException {
        return answer(port, hello(TLS_1_2, WEAK));
    }

    static Outcome plainText(int port) throws IOException {
        return answer(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    private static Outcome answer(int port, byte[] bytes) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", port)) {
            socket.setSoTimeout(PATIENCE_MILLIS);
            socket.getOutputStream().write(bytes);
            InputStream in = socket.getInputStream();
            int kind = in.read();
            String rest = new String(in.readNBytes(6), StandardCharsets.ISO_8859_1);
            return switch (kind) {
                case -1 -> new Outcome("closed", "");
                case ALERT -> new Outcome("alert", "");
                case HANDSHAKE -> new Outcome("hello", "");
                default -> new Outcome("answer", (char) kind + rest);
            };
        } catch (java.net.SocketException e) {
            return new Outcome("closed", ""); // reset
        }
    }

    private static byte[] hello(int version, int[] ciphers) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream body = new DataOutputStream(bytes);
        body.writeShort(version);
        body.write(new byte[32]); // random
        body.writeByte(0); // no session
        body.writeShort(2 * ciphers.length);
        for (int cipher : ciphers) {
            body.writeShort(cipher);
        }
        body.writeShort(0x0100); // no compression
        byte[] extensions = {
            0,
            10,
            0,
            4,
            0,
            2,
            0,
            23, // groups: secp256r1
            0,
            11,
            0,
            2,
            1,
            0, // points: uncompressed
            0,
            13,
            0,
            8,
            0,
            6,
            4,
            3,
            8,
            4,
            4,
            1 // signatures: ECDSA, PSS, PKCS #1, all with SHA-256
        };
        body.writeShort(extensions.length);
        body.write(extensions);
        ByteArrayOutputStream record = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(record);
        out.writeByte(HANDSHAKE);
        out.writeShort(0x0301);
        out.writeShort(bytes.size() + 4);
        out.writeInt(0x01000000 | bytes.size());
        out.write(bytes.toByteArray());
        return record.toByteArray();
    }
}
