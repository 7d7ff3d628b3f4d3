package io.tributary.agent.outbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.clock.ClockKeeper;
import io.tributary.agent.clock.ClockOffset;
import io.tributary.agent.clock.ClockStamp;
import io.tributary.agent.clock.ClockTrust;
import io.tributary.agent.clock.ManualClock;
import io.tributary.agent.clock.SyncProbe;
import io.tributary.agent.source.Durability;
import io.tributary.agent.source.Receipt;
import io.tributary.agent.source.Refusal;
import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GroupEncoderTest {
    private static final long MILLI = 1_000_000L;
    private static final long HOUR = 3_600_000 * MILLI;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();

    @Test
    void clockSetWithinAGroup_eachStampIsCorrectedByItself() {
        ClockKeeper keeper =
                new ClockKeeper(clock, SyncProbe.SILENT, ClockTrust.AUTO, 7, 0, directory.resolve("outbox.clock"));
        GroupEncoder encoder = new GroupEncoder(1_000, 1 << 20, new ChannelClasses(List.of()), keeper);
        keeper.compared(new ClockOffset(0, MILLI));
        long truth = clock.wallNs();
        Waiting before = taken();
        clock.advance(2 * MILLI);
        clock.setWall(clock.wallNs() - HOUR);
        Waiting after = taken();
        clock.advance(2 * MILLI);

        List<EncodedBatch> batches = encoder.encode(List.of(before, after));

        assertThat(batches).hasSize(2);
        assertThat(corrected(keeper, batches.get(0))).isBetween(truth - MILLI, truth + MILLI);
        assertThat(batches.get(1).edgeTimeNs()).isEqualTo(truth + 2 * MILLI - HOUR);
        assertThat(corrected(keeper, batches.get(1))).isBetween(truth + MILLI, truth + 3 * MILLI);
    }

    @Test
    void groupThatWaitedLong_isNoStepOfTheClock() {
        ClockKeeper keeper =
                new ClockKeeper(clock, SyncProbe.SILENT, ClockTrust.AUTO, 7, 0, directory.resolve("outbox.clock"));
        GroupEncoder encoder = new GroupEncoder(1_000, 1 << 20, new ChannelClasses(List.of()), keeper);
        keeper.compared(new ClockOffset(0, MILLI));
        Waiting first = taken();
        clock.advance(20_000 * MILLI);
        Waiting second = taken();
        clock.advance(20_000 * MILLI);

        List<EncodedBatch> batches = encoder.encode(List.of(first, second));

        assertThat(batches).hasSize(1);
        assertThat(batches.get(0).uncertain()).isNull();
    }

    private static long corrected(ClockKeeper keeper, EncodedBatch batch) {
        ClockStamp stamp = Objects.requireNonNull(batch.uncertain());
        return batch.edgeTimeNs()
                + Objects.requireNonNull(keeper.correction(stamp)).shiftNs();
    }

    private Waiting taken() {
        Batch batch = new BatchBuilder()
                .row(Device.of("d"), Table.STAMP_ON_ARRIVAL)
                .set(Channel.of("c", ValueType.DOUBLE), 1.5, 0)
                .build();
        return Waiting.readings("s", batch, Durability.SYNCED, clock, new Receipt() {
            @Override
            public void taken() {
                throw new AssertionError("not asked");
            }

            @Override
            public void refused(Refusal refusal) {
                throw new AssertionError("not asked");
            }
        });
    }
}
