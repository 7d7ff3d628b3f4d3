package io.tributary.collector.rpc;

import io.tributary.collector.log.LogPosition;
import io.tributary.collector.subscribe.ReadingSink;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Quality;
import io.tributary.proto.v1.ReadingBlock;
import io.tributary.proto.v1.SubscribeEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Readings of a subscription to messages: a columnar block per series, several events when a record is large. */
final class StreamEvents implements ReadingSink {
    /** What a reading costs in a block: three times and a value. */
    private static final int READING_BYTES = 36;

    private final Consumer<SubscribeEvent> to;
    private final int bytesMax;
    private final Map<Series, Block> blocks = new LinkedHashMap<>();
    private long bytes;
    private boolean split;

    private record Series(String device, Channel channel) {}

    private static final class Block {
        final ReadingBlock.Builder message;
        final List<Integer> qualities = new ArrayList<>();
        boolean allGood = true;

        Block(Series series) {
            message = ReadingBlock.newBuilder()
                    .setDevice(series.device)
                    .setChannel(QueryMessages.channel(series.channel));
        }
    }

    StreamEvents(Consumer<SubscribeEvent> to, int bytesMax) {
        this.to = to;
        this.bytesMax = bytesMax;
    }

    @Override
    public void reading(
            String device,
            Channel channel,
            long eventTimeNs,
            long edgeTimeNs,
            long collectorTimeNs,
            Column values,
            int index) {
        Block block = blocks.computeIfAbsent(new Series(device, channel), Block::new);
        block.message.addEventTimesNs(eventTimeNs).addEdgeTimesNs(edgeTimeNs).addCollectorTimesNs(collectorTimeNs);
        int quality = values.qualityAt(index);
        block.qualities.add(quality);
        block.allGood &= quality == Quality.GOOD;
        bytes += READING_BYTES;
        switch (channel.type()) {
            case DOUBLE -> block.message.addDoubles(values.doubles()[index]);
            case LONG -> block.message.addLongs(values.longs()[index]);
            case BOOL -> block.message.addBools(values.longs()[index] != 0);
            case STRING -> {
                block.message.addStrings(values.strings()[index]);
                bytes += values.strings()[index].length();
            }
        }
        if (bytes >= bytesMax) {
            send(SubscribeEvent.newBuilder());
            split = true;
        }
    }

    @Override
    public void missed(long records) {
        to.accept(SubscribeEvent.newBuilder().setMissedRecords(records).build());
    }

    @Override
    public void position(LogPosition position) {
        if (!blocks.isEmpty() || split) {
            split = false;
            send(SubscribeEvent.newBuilder().setPosition(position.token()));
        }
    }

    void heartbeat(LogPosition position) {
        to.accept(SubscribeEvent.newBuilder().setPosition(position.token()).build());
    }

    private void send(SubscribeEvent.Builder event) {
        for (Block block : blocks.values()) {
            if (!block.allGood) {
                block.message.addAllQuality(block.qualities);
            }
            event.addBlocks(block.message);
        }
        blocks.clear();
        bytes = 0;
        to.accept(event.build());
    }
}
