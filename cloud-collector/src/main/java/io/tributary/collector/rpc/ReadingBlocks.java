package io.tributary.collector.rpc;

import io.tributary.collector.query.QueryRun;
import io.tributary.collector.query.ReadingRow;
import io.tributary.collector.query.RowSink;
import io.tributary.model.Channel;
import io.tributary.model.Quality;
import io.tributary.proto.v1.ReadingBlock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rows of several series, as the engine gives them, to one columnar block per series and stretch of rows. What is
 * collected is sent before the row that would be too many, so that at the end there is always a last block to carry
 * {@code next}.
 */
final class ReadingBlocks implements RowSink {
    /** Rows over all series; with texts of usual length far below gRPC's 4 MiB per message. */
    private static final int ROWS_MAX = 4096;

    private static final int TEXT_BYTES_MAX = 1 << 20;

    private final QueryRun run;
    private final Consumer<ReadingBlock> to;
    private final Map<Channel, Block> blocks = new LinkedHashMap<>();
    private String device = "";
    private int rows;
    private long textBytes;
    private long sentBytes;

    private static final class Block {
        final ReadingBlock.Builder message;
        final List<Integer> qualities = new ArrayList<>();
        boolean allGood = true;

        Block(String device, Channel channel) {
            message = ReadingBlock.newBuilder().setDevice(device).setChannel(QueryMessages.channel(channel));
        }
    }

    ReadingBlocks(QueryRun run, Consumer<ReadingBlock> to) {
        this.run = run;
        this.to = to;
    }

    @Override
    public boolean row(ReadingRow row) {
        if (rows == ROWS_MAX || textBytes > TEXT_BYTES_MAX || !row.device().equals(device)) {
            flush(null);
        }
        device = row.device();
        rows++;
        Block block = blocks.computeIfAbsent(row.channel(), channel -> new Block(device, channel));
        block.message
                .addEventTimesNs(row.eventTimeNs())
                .addEdgeTimesNs(row.edgeTimeNs())
                .addCollectorTimesNs(row.collectorTimeNs());
        block.qualities.add(row.quality());
        block.allGood &= row.quality() == Quality.GOOD;
        switch (row.channel().type()) {
            case DOUBLE -> block.message.addDoubles(row.doubleValue());
            case LONG -> block.message.addLongs(row.longValue());
            case BOOL -> block.message.addBools(row.boolValue());
            case STRING -> {
                block.message.addStrings(row.stringValue());
                textBytes += row.stringValue().length();
            }
        }
        return true;
    }

    /** Sends what is left. */
    void end(@Nullable String next) {
        flush(next);
    }

    private void flush(@Nullable String next) {
        int left = blocks.size();
        for (Block block : blocks.values()) {
            if (!block.allGood) {
                block.message.addAllQuality(block.qualities);
            }
            if (--left == 0 && next != null) {
                block.message.setNext(next);
            }
            ReadingBlock message = block.message.build();
            sentBytes += message.getSerializedSize();
            run.written(sentBytes);
            to.accept(message);
        }
        blocks.clear();
        rows = 0;
        textBytes = 0;
    }
}
