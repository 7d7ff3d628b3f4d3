package io.tributary.sim.load;

import io.tributary.sim.link.Frames;
import io.tributary.sim.row.Row;
import io.tributary.sim.signal.FleetRows;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What the connections of a {@link PressPlan} send, encoded before the clock starts: it is the agent that is measured. */
final class PressMessages {
    private static final long INTERVAL_NS = 1_000_000_000L;
    private static final byte PUBLISH_QOS_1 = 0x32;

    private final PressPlan plan;

    PressMessages(PressPlan plan) {
        this.plan = plan;
    }

    /** @param readings in all messages together */
    record Prepared(List<byte[]> messages, long readings) {}

    /** The next {@code count} messages of a connection, from its rows. */
    Prepared next(FleetRows rows, int count) {
        List<byte[]> messages = new ArrayList<>(count);
        long readings = 0;
        if (plan.form() == PressPlan.Form.PUBLISHES) {
            while (messages.size() < count) {
                addPublishes(messages, Objects.requireNonNull(rows.next()), count);
            }
            return new Prepared(messages, count);
        }
        for (int i = 0; i < count; i++) {
            List<Row> frame = new ArrayList<>(plan.frameRows());
            for (int row = 0; row < plan.frameRows(); row++) {
                Row next = Objects.requireNonNull(rows.next());
                readings += next.size();
                frame.add(next);
            }
            frame.sort(java.util.Comparator.comparing(row -> row.device().id()));
            messages.add(Frames.encode(i, frame, plan.form() == PressPlan.Form.BATCHES));
        }
        return new Prepared(messages, readings);
    }

    /** Rows of the devices of one connection, as many as it can ever need. */
    List<FleetRows> rows(int connection) {
        List<FleetRows> groups = new ArrayList<>();
        int each = plan.devicesEach();
        int size = plan.form() == PressPlan.Form.PUBLISHES ? each : Math.min(plan.frameDevices(), each);
        for (int first = 0; first + size <= each; first += size) {
            groups.add(FleetRows.reference(
                    connection * each + first,
                    size,
                    Long.MAX_VALUE,
                    FleetRows.REFERENCE_START_NS,
                    INTERVAL_NS,
                    plan.seed(),
                    true));
        }
        return groups;
    }

    /** {@code load/DEVICE/CHANNEL} and the value as text, a message for each reading of the row. */
    private static void addPublishes(List<byte[]> messages, Row row, int most) {
        for (int i = 0; i < row.size() && messages.size() < most; i++) {
            byte[] topic = ("load/" + row.device().id() + "/" + row.channel(i).name()).getBytes(StandardCharsets.UTF_8);
            byte[] payload = String.valueOf(row.value(i)).getBytes(StandardCharsets.UTF_8);
            int length = 2 + topic.length + 2 + payload.length;
            ByteBuffer packet = ByteBuffer.allocate(2 + length).put(PUBLISH_QOS_1);
            if (length > 127) {
                throw new IllegalStateException("BUG: a packet of " + length + " bytes, expected at most 127");
            }
            packet.put((byte) length).putShort((short) topic.length).put(topic);
            packet.putShort((short) 0).put(payload); // the ID is put in when it is sent
            messages.add(packet.array());
        }
    }

    /** Where the packet ID stands in a message of {@link #addPublishes}. */
    static int packetIdAt(byte[] publish) {
        return 4 + (((publish[2] & 0xff) << 8) | (publish[3] & 0xff));
    }
}
