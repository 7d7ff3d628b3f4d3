package io.tributary.sim.ledger;

import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.ValueType;
import io.tributary.sim.row.Row;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a ledger from front to back, also while it is written or after its writer was killed: a torn block at the end is
 * ignored. Memory is bounded by what was in the windows of the links.
 */
public final class LedgerReader {
    private static final ValueType[] TYPES = ValueType.values();

    private final Path path;
    private final LedgerVisitor visitor;
    private final List<Device> devices = new ArrayList<>();
    private final List<Channel> channels = new ArrayList<>();
    private final Map<Long, Pending> pending = new LinkedHashMap<>();

    private LedgerReader(Path path, LedgerVisitor visitor) {
        this.path = path;
        this.visitor = visitor;
    }

    /**
     * @return bytes of a torn block at the end, which were ignored
     * @throws IOException when the file cannot be read, is no ledger, or is damaged before its end
     */
    public static long read(Path path, LedgerVisitor visitor) throws IOException {
        LedgerReader reader = new LedgerReader(path, visitor);
        long valid = blocks(path, reader::block);
        reader.endRun();
        return Math.max(0, Files.size(path) - valid);
    }

    /** Where the last whole block ends. */
    static long validLength(Path path) throws IOException {
        return blocks(path, (kind, payload, at) -> {});
    }

    private static long blocks(Path path, BlockVisitor visitor) throws IOException {
        long size = Files.size(path);
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(path), 1 << 16))) {
            if (!Arrays.equals(in.readNBytes(LedgerFormat.MAGIC.length), LedgerFormat.MAGIC)) {
                throw new IOException(path + ": is no ledger");
            }
            long at = LedgerFormat.MAGIC.length;
            while (size - at >= LedgerFormat.BLOCK_HEADER_BYTES) {
                int length = Integer.reverseBytes(in.readInt());
                int crc = Integer.reverseBytes(in.readInt());
                if (length < 0 || length > LedgerFormat.PAYLOAD_BYTES_MAX) {
                    throw damaged(path, at, "a block of " + Integer.toUnsignedString(length) + " bytes");
                }
                if (length > size - at - LedgerFormat.BLOCK_HEADER_BYTES) {
                    return at;
                }
                byte[] body = in.readNBytes(length + 1);
                if (body.length != length + 1) {
                    return at;
                }
                if (LedgerFormat.crc(body, 0, body.length) != crc) {
                    throw damaged(path, at, "a block whose CRC is wrong");
                }
                visitor.block(body[0], new ByteSource(body, 1, length), at);
                at += LedgerFormat.BLOCK_HEADER_BYTES + (long) length;
            }
            return at;
        }
    }

    private static IOException damaged(Path path, long at, String what) {
        return new IOException(path + ": is damaged: " + what + " at byte " + at);
    }

    private void block(int kind, ByteSource payload, long at) throws IOException {
        try {
            switch (kind) {
                case LedgerFormat.RUN -> endRun();
                case LedgerFormat.SENDING -> sending(payload);
                case LedgerFormat.SETTLED -> settled(payload);
                default -> throw damaged(path, at, "a block of kind " + kind);
            }
            payload.expectEnd();
        } catch (CorruptColumnException | IllegalArgumentException | IndexOutOfBoundsException e) {
            throw new IOException(path + ": is damaged: block at byte " + at + ": " + e.getMessage(), e);
        }
    }

    private void endRun() throws IOException {
        for (Pending rest : pending.values()) {
            for (int i = 0; i < rest.rows.size(); i++) {
                if (!rest.settled[i]) {
                    visitor.row(rest.rows.get(i), LedgerVisitor.Fate.IN_DOUBT);
                }
            }
        }
        pending.clear();
        devices.clear();
        channels.clear();
    }

    private void sending(ByteSource in) throws CorruptColumnException {
        long id = in.readVarint();
        int count = in.readCount("rows", in.remaining());
        List<Row> rows = new ArrayList<>(count);
        long time = 0;
        for (int i = 0; i < count; i++) {
            Device device = device(in);
            time += in.readSignedVarint();
            int values = in.readCount("values", in.remaining());
            Row.Builder row = Row.builder(device, time, values);
            for (int v = 0; v < values; v++) {
                value(in, row);
            }
            rows.add(row.build());
        }
        pending.put(id, new Pending(rows));
    }

    private Device device(ByteSource in) throws CorruptColumnException {
        int number = in.readCount("device", devices.size());
        if (number == 0) {
            devices.add(Device.of(text(in)));
            number = devices.size();
        }
        return devices.get(number - 1);
    }

    private void value(ByteSource in, Row.Builder row) throws CorruptColumnException {
        int tag = in.readCount("channel", 2 * channels.size() + 1);
        int number = tag >> 1;
        if (number == 0) {
            String name = text(in);
            channels.add(Channel.of(name, TYPES[in.readByte()]));
            number = channels.size();
        }
        Channel channel = channels.get(number - 1);
        int quality = (tag & 1) == 0 ? 0 : in.readByte();
        switch (channel.type()) {
            case DOUBLE -> row.add(channel, in.readLong(), null, quality);
            case LONG -> row.add(channel, in.readSignedVarint(), null, quality);
            case BOOL -> row.add(channel, in.readByte(), null, quality);
            case STRING -> row.add(channel, 0, text(in), quality);
        }
    }

    private static String text(ByteSource in) throws CorruptColumnException {
        int length = in.readCount("text", in.remaining());
        int from = in.skip(length);
        return new String(in.array(), from, length, StandardCharsets.UTF_8);
    }

    private void settled(ByteSource in) throws CorruptColumnException, IOException {
        long id = in.readVarint();
        Pending delivery = pending.get(id);
        if (delivery == null) {
            throw new IllegalArgumentException("delivery " + id + " is settled but was not sent");
        }
        int from = in.readCount("from row", delivery.rows.size());
        int to = in.readCount("to row", delivery.rows.size());
        int result = in.readByte();
        for (int i = from; i < to; i++) {
            if (delivery.settled[i]) {
                throw new IllegalArgumentException("row " + i + " of delivery " + id + " is settled twice");
            }
            delivery.settled[i] = true;
            switch (result) {
                case LedgerFormat.ACCEPTED -> visitor.row(delivery.rows.get(i), LedgerVisitor.Fate.ACCEPTED);
                case LedgerFormat.REJECTED -> visitor.row(delivery.rows.get(i), LedgerVisitor.Fate.REJECTED);
                case LedgerFormat.UNSENT -> {
                    // It never left; the collector cannot have it.
                }
                default -> throw new IllegalArgumentException("result " + result);
            }
        }
        delivery.unsettled -= to - from;
        if (delivery.unsettled == 0) {
            pending.remove(id);
        }
    }

    private interface BlockVisitor {
        void block(int kind, ByteSource payload, long at) throws IOException;
    }

    private static final class Pending {
        private final List<Row> rows;
        private final boolean[] settled;
        private int unsettled;

        Pending(List<Row> rows) {
            this.rows = rows;
            this.settled = new boolean[rows.size()];
            this.unsettled = rows.size();
        }
    }
}
