package io.tributary.sim.link;

import io.tributary.model.Batch;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.InvalidBatchException;
import io.tributary.model.Table;
import io.tributary.proto.v1.DeviceSamples;
import io.tributary.proto.v1.Frame;
import io.tributary.proto.v1.FrameReply;
import io.tributary.proto.v1.Sample;
import io.tributary.proto.v1.SampleValue;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * An agent's TCP source, from scratch: takes frames and lines, keeps the last value of each reading, and misbehaves as
 * its seed says. What it refuses depends on the content only, so that a frame sent again meets the same answer.
 */
public final class FakeAgent implements AutoCloseable {
    /** In percent of frames or lines. */
    public record Faults(int dropBefore, int dropAfter, int retry, int reject) {
        public static final Faults NONE = new Faults(0, 0, 0, 0);
        public static final Faults MANY = new Faults(2, 2, 4, 3);
    }

    /** One stored reading. */
    public record Key(String device, String channel, long eventTimeNs) {}

    private final ServerSocket server;
    private final boolean lines;
    private final Faults faults;
    private final Random random;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    // Guarded by this.
    private final Map<Key, Object> stored = new LinkedHashMap<>();
    private final Map<Key, Object> replaced = new LinkedHashMap<>();
    private final List<String> units = new ArrayList<>();
    private long readings;
    private boolean silent;

    public FakeAgent(boolean lines, Faults faults, long seed) throws IOException {
        this(0, lines, faults, seed);
    }

    public FakeAgent(int port, boolean lines, Faults faults, long seed) throws IOException {
        this.server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.lines = lines;
        this.faults = faults;
        this.random = new Random(seed);
        this.acceptor = new Thread(this::accept, "fake-agent");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    public int port() {
        return server.getLocalPort();
    }

    /** The last value of every reading taken. */
    public synchronized Map<Key, Object> stored() {
        return new LinkedHashMap<>(stored);
    }

    /** Values that a later, other one of the same reading has replaced. */
    public synchronized Map<Key, Object> replaced() {
        return new LinkedHashMap<>(replaced);
    }

    public synchronized List<String> units() {
        return List.copyOf(units);
    }

    /** Readings taken, with those that were sent again. */
    public synchronized long readings() {
        return readings;
    }

    /** From here on nothing is answered. */
    public synchronized void fallSilent() {
        silent = true;
    }

    /** Breaks all connections. */
    public void breakConnections() throws IOException {
        for (Socket socket : open) {
            socket.close();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        breakConnections();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                Thread thread = new Thread(() -> serve(socket), "fake-agent-connection");
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
            if (lines) {
                serveLines(in, out);
            } else {
                serveFrames(in, out);
            }
        } catch (IOException e) {
            // The connection is over, which the other side has to cope with.
        } finally {
            open.remove(socket);
        }
    }

    private synchronized boolean happens(int percent) {
        return random.nextInt(100) < percent;
    }

    private synchronized boolean isSilent() {
        return silent;
    }

    private void serveFrames(DataInputStream in, DataOutputStream out) throws IOException {
        while (true) {
            byte[] bytes = new byte[in.readInt()];
            in.readFully(bytes);
            Frame frame = Frame.parseFrom(bytes);
            FrameReply.Builder reply = FrameReply.newBuilder().setId(frame.getId());
            if (happens(faults.dropBefore)) {
                return;
            } else if (happens(faults.retry)) {
                reply.setResult(FrameReply.Result.RETRY).setRetryAfterMillis(1);
            } else if (Math.floorMod(Long.hashCode(frame.getId() * 0x9E3779B97F4A7C15L), 100) < faults.reject) {
                reply.setResult(FrameReply.Result.REJECTED).setMessage("frame " + frame.getId() + " is not liked");
            } else {
                reply.setReadings(take(frame));
                if (happens(faults.dropAfter)) {
                    return;
                }
            }
            if (isSilent()) {
                continue;
            }
            FrameReply built = reply.build();
            out.writeInt(built.getSerializedSize());
            built.writeTo(out);
            if (in.available() == 0 || happens(10)) {
                out.flush();
            }
        }
    }

    private long take(Frame frame) throws IOException {
        long count = 0;
        if (!frame.getBatch().isEmpty()) {
            count += take(frame.getBatch().toByteArray());
        }
        for (DeviceSamples device : frame.getDevicesList()) {
            for (Sample sample : device.getSamplesList()) {
                for (SampleValue value : sample.getValuesList()) {
                    Object taken = switch (value.getValueCase()) {
                        case DOUBLE_VALUE -> value.getDoubleValue();
                        case LONG_VALUE -> value.getLongValue();
                        case BOOL_VALUE -> value.getBoolValue();
                        case STRING_VALUE -> value.getStringValue();
                        case VALUE_NOT_SET -> throw new IOException("no value");
                    };
                    store(device.getDevice(), value.getChannel(), sample.getEventTimeNs(), taken, value.getUnit());
                    count++;
                }
            }
        }
        return count;
    }

    private long take(byte[] encoded) throws IOException {
        try {
            Batch batch = BatchCodec.decode(encoded, BatchLimits.DEFAULT);
            for (Table table : batch.tables()) {
                take(batch, table);
            }
            return batch.readingCount();
        } catch (InvalidBatchException e) {
            throw new IOException(e);
        }
    }

    private void take(Batch batch, Table table) {
        int[] next = new int[table.columns().length];
        int row = 0;
        for (int run = 0; run < table.runDevice().length; run++) {
            String device = batch.devices().get(table.runDevice()[run]).id();
            for (int i = 0; i < table.runLength()[run]; i++, row++) {
                for (int c = 0; c < next.length; c++) {
                    Column column = table.columns()[c];
                    if (column.isPresent(row)) {
                        Channel channel = batch.channels().get(table.channels()[c]);
                        Object value = value(column, next[c]++);
                        store(device, channel.name(), table.eventTimes()[row], value, channel.unit());
                    }
                }
            }
        }
    }

    private static Object value(Column column, int index) {
        return switch (column.type()) {
            case DOUBLE -> column.doubles()[index];
            case LONG -> column.longs()[index];
            case BOOL -> column.longs()[index] != 0;
            case STRING -> column.strings()[index];
        };
    }

    private synchronized void store(String device, String channel, long time, Object value, String unit) {
        Key key = new Key(device, channel, time);
        Object before = stored.put(key, value);
        if (before != null && !before.equals(value)) {
            replaced.put(key, before);
        }
        units.add(unit);
        readings++;
    }

    private void serveLines(DataInputStream in, DataOutputStream out) throws IOException {
        long count = 0;
        while (true) {
            String line = readLine(in);
            count++;
            if (happens(faults.dropBefore) && happens(5)) {
                return;
            } else if (Math.floorMod(line.hashCode(), 100) < faults.reject) {
                out.write(("ERR " + count + " the line is not liked\n").getBytes(StandardCharsets.UTF_8));
            } else {
                takeLine(line);
                if (happens(faults.dropAfter) && happens(5)) {
                    return;
                }
            }
            if (!isSilent() && (in.available() == 0 || happens(5))) {
                out.write(("OK " + count + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        }
    }

    private static String readLine(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new EOFException();
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private void takeLine(String line) {
        List<String> parts = split(line, ' ');
        long time = Long.parseLong(parts.get(2));
        String device = "";
        for (String tag : split(parts.get(0), ',')) {
            if (tag.startsWith("device=")) {
                device = unescape(tag.substring(7));
            }
        }
        for (String field : split(parts.get(1), ',')) {
            List<String> pair = split(field, '=');
            String text = pair.get(1);
            Object value;
            if (text.startsWith("\"")) {
                value = text.substring(1, text.length() - 1)
                        .replace("\\\"", "\"")
                        .replace("\\\\", "\\");
            } else if (text.endsWith("i")) {
                value = Long.parseLong(text.substring(0, text.length() - 1));
            } else if (text.equals("true") || text.equals("false")) {
                value = text.equals("true");
            } else {
                value = Double.parseDouble(text);
            }
            store(device, unescape(pair.get(0)), time, value, "");
        }
    }

    private static String unescape(String text) {
        return text.replaceAll("\\\\([ ,=])", "$1");
    }

    /** At separators that are neither escaped nor quoted. */
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\\' && i + 1 < text.length()) {
                part.append(c).append(text.charAt(++i));
            } else if (c == separator && !quoted) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                quoted ^= c == '"';
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }
}
