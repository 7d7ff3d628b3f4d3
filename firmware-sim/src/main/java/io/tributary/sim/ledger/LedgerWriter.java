package io.tributary.sim.ledger;

import io.tributary.column.ByteSink;
import io.tributary.sim.link.DeliveryLog;
import io.tributary.sim.row.Row;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a ledger; safe to use from any thread. Every block is handed to the operating system at once, which a kill of
 * the program survives; a power cut is not what this protects against.
 */
public final class LedgerWriter implements DeliveryLog, Closeable {
    private final Path path;
    private final FileChannel file;
    private final ByteSink sink = new ByteSink(64 << 10);
    private final Map<String, Integer> devices = new HashMap<>();
    private final Map<ChannelKey, Integer> channels = new HashMap<>();

    private LedgerWriter(Path path, FileChannel file) {
        this.path = path;
        this.file = file;
    }

    /**
     * Opens a ledger, a new one or for another run at the end of an existing one, whose torn tail is cut off.
     *
     * @throws IOException when the file cannot be written, is in use, or is no ledger
     */
    public static LedgerWriter open(Path path) throws IOException {
        FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        boolean opened = false;
        try {
            if (file.tryLock() == null) {
                throw new IOException(path + ": is in use by another process");
            }
            if (file.size() == 0) {
                writeFully(file, ByteBuffer.wrap(LedgerFormat.MAGIC));
            } else {
                long end = LedgerReader.validLength(path);
                file.truncate(end);
                file.position(end);
            }
            LedgerWriter writer = new LedgerWriter(path, file);
            writer.begin(LedgerFormat.RUN);
            writer.end();
            opened = true;
            return writer;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    @Override
    public synchronized void sending(long id, List<Row> rows) throws IOException {
        begin(LedgerFormat.SENDING);
        sink.writeVarint(id);
        sink.writeVarint(rows.size());
        long before = 0;
        for (Row row : rows) {
            writeDevice(row.device().id());
            sink.writeSignedVarint(row.eventTimeNs() - before);
            before = row.eventTimeNs();
            sink.writeVarint(row.size());
            for (int i = 0; i < row.size(); i++) {
                writeValue(row, i);
            }
        }
        end();
    }

    @Override
    public synchronized void settled(long id, int fromRow, int toRow, Result result) throws IOException {
        begin(LedgerFormat.SETTLED);
        sink.writeVarint(id);
        sink.writeVarint(fromRow);
        sink.writeVarint(toRow);
        sink.writeByte(
                switch (result) {
                    case ACCEPTED -> LedgerFormat.ACCEPTED;
                    case REJECTED -> LedgerFormat.REJECTED;
                    case UNSENT -> LedgerFormat.UNSENT;
                });
        end();
    }

    private void writeDevice(String device) {
        Integer known = devices.get(device);
        if (known != null) {
            sink.writeVarint(known);
        } else {
            devices.put(device, devices.size() + 1);
            sink.writeVarint(0);
            writeText(device);
        }
    }

    private void writeValue(Row row, int index) {
        ChannelKey key = new ChannelKey(
                row.channel(index).name(), row.channel(index).type().ordinal());
        Integer known = channels.get(key);
        int quality = row.quality(index);
        int flag = quality == 0 ? 0 : 1;
        sink.writeVarint((known == null ? 0 : (long) known << 1) | flag);
        if (known == null) {
            channels.put(key, channels.size() + 1);
            writeText(key.name);
            sink.writeByte(key.type);
        }
        if (flag != 0) {
            sink.writeByte(quality);
        }
        switch (row.channel(index).type()) {
            case DOUBLE -> sink.writeLong(row.bits(index));
            case LONG -> sink.writeSignedVarint(row.bits(index));
            case BOOL -> sink.writeByte((int) row.bits(index));
            case STRING -> writeText(row.text(index));
        }
    }

    private void writeText(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sink.writeVarint(bytes.length);
        sink.writeBytes(bytes);
    }

    private void begin(int kind) {
        sink.clear();
        sink.reserve(LedgerFormat.BLOCK_HEADER_BYTES - 1);
        sink.writeByte(kind);
    }

    private void end() throws IOException {
        int length = sink.size() - LedgerFormat.BLOCK_HEADER_BYTES;
        int crc = LedgerFormat.crc(sink.array(), LedgerFormat.BLOCK_HEADER_BYTES - 1, length + 1);
        ByteBuffer block = ByteBuffer.wrap(sink.array(), 0, sink.size()).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        block.putInt(0, length).putInt(4, crc);
        try {
            writeFully(file, block);
        } catch (IOException e) {
            throw new IOException("ledger " + path + " cannot be written: " + e.getMessage(), e);
        }
    }

    private static void writeFully(FileChannel file, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            file.write(bytes);
        }
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }

    private record ChannelKey(String name, int type) {}
}
