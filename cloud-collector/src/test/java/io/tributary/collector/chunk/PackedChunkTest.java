package io.tributary.collector.chunk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.collector.partition.Origin;
import io.tributary.column.CorruptColumnException;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.ValueType;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Chunks at rest, whose texts are packed. */
class PackedChunkTest {
    private static final long T0 = 1_700_000_000_000_000_000L;

    private static RowGroup lines(int rows) {
        long[] times = new long[rows];
        long[] counts = new long[rows];
        String[] texts = new String[rows];
        Origin[] origins = new Origin[rows];
        Arrays.fill(origins, new Origin("agent", 0));
        for (int i = 0; i < rows; i++) {
            times[i] = T0 + i * 1_000_000L;
            counts[i] = i * 31L % 17;
            texts[i] = "{\"level\":\"warn\",\"pump\":" + i * 7919 % 1000 + ",\"text\":\"no flow\"}";
        }
        return new RowGroup(
                rows,
                times,
                times,
                times,
                times,
                origins,
                new Channel[] {Channel.of("line", ValueType.STRING), Channel.of("count", ValueType.LONG)},
                new Column[] {Column.ofStrings(texts, rows, null, null), Column.ofLongs(counts, rows, null, null)});
    }

    @Test
    void texts_arePackedWhenTheyRest() throws CorruptColumnException {
        RowGroup group = lines(1000);
        byte[] plain = new ChunkWriter().encode(List.of(group));
        ChunkWriter writer = new ChunkWriter();
        byte[] cold = writer.encodeCold(List.of(group));
        assertThat(cold.length).isLessThan(plain.length / 4);
        assertThat(cold[0]).isEqualTo((byte) 2);
        Chunk chunk = Chunk.open(cold);
        assertThat(chunk.isPacked()).isTrue();
        RandomRows.assertSame(chunk.groups().get(0).rowGroup(), group);
        assertThat(Chunk.open(plain).groups().get(0).channels().get(0).isPackable())
                .isTrue();
        assertThat(chunk.groups().get(0).channels().get(0).isPackable()).isFalse();
        assertThat(writer.encode(List.of(group))).isEqualTo(plain);
    }

    /** What an earlier version packed; the frame is what zstd 1.5.7 made of the column. */
    @Test
    void goldenChunk_isRead() throws CorruptColumnException {
        byte[] golden = HexFormat.of().parseHex(GOLDEN);
        RandomRows.assertSame(Chunk.open(golden).groups().get(0).rowGroup(), lines(12));
        assertThat(golden[0]).isEqualTo((byte) 2);
    }

    private static final String GOLDEN =
            "0296b46cfd4b0000008080d0e2c6bfce972fc0b19f0501056167656e740018010c00c0b19f050e03"
                    + "030e02046c696e650004087a05636f756e740002040b04000305000082000000000000c05640a701"
                    + "2bcd90890480f7d5e1c6bfce972f0080897a0101000101000480f7d5e1c6bfce972f0080897aa004"
                    + "28b52ffd6020017503001245131a80a93ac46fc8c05b66fa321293a2ac5c4959bf53326483516077"
                    + "807204fa9cce6484565553caed55ac7879e9ea6cd378029d6100dfd99145436e0e7b3c24e2cd1fa2"
                    + "909cdd354573671004250c00c0c3007304d008a01140238030c01c0134026804d0081534ec6a5506"
                    + "030500c02d54046cea9000";

    /** Another column is read though the packed one cannot be. */
    @Test
    void otherColumns_areReadWithoutOpeningTexts() throws CorruptColumnException {
        byte[] cold = new ChunkWriter().encodeCold(List.of(lines(1000)));
        Chunk chunk = Chunk.open(cold);
        ChunkChannel.Sections text = chunk.groups().get(0).channels().get(0).sections();
        cold[text.at()] ^= 1; // the length that the frame is said to have
        ChunkTest.seal(cold);
        ChunkGroup group = Chunk.open(cold).groups().get(0);
        assertThat(group.column(1).longs()).startsWith(0, 14, 11);
        assertThatThrownBy(() -> group.column(0))
                .isInstanceOf(CorruptColumnException.class)
                .hasMessageContaining("plain bytes");
    }

    @Test
    void packedValues_areOfVersion2() {
        byte[] cold = new ChunkWriter().encodeCold(List.of(lines(1000)));
        cold[0] = 1;
        assertThatThrownBy(() -> Chunk.open(cold))
                .isInstanceOf(CorruptColumnException.class)
                .hasMessageContaining("packed");
        cold[0] = 3;
        assertThatThrownBy(() -> Chunk.open(cold))
                .isInstanceOf(CorruptColumnException.class)
                .hasMessageContaining("chunk of version 3, expected 1 or 2");
    }

    @RepeatedTest(20)
    void numbersAndFewTexts_areWrittenAsEver(RepetitionInfo repetition) throws CorruptColumnException {
        Random random = new Random(repetition.getCurrentRepetition());
        RowGroup group = RandomRows.group(random, 1 + random.nextInt(300), "g");
        byte[] cold = new ChunkWriter().encodeCold(List.of(group));
        RandomRows.assertSame(Chunk.open(cold).groups().get(0).rowGroup(), group);
        if (!Chunk.open(cold).isPacked()) {
            assertThat(cold).isEqualTo(new ChunkWriter().encode(List.of(group)));
        }
    }

    @RepeatedTest(10)
    void hostileBytes_costNoMoreThanAnException(RepetitionInfo repetition) {
        Random random = new Random(repetition.getCurrentRepetition());
        byte[] bytes = new ChunkWriter().encodeCold(List.of(lines(40)));
        for (int attempt = 0; attempt < 300; attempt++) {
            byte[] hostile = bytes.clone();
            for (int flips = 1 + random.nextInt(4); flips > 0; flips--) {
                hostile[ChunkLayout.PREFIX_BYTES + random.nextInt(hostile.length - ChunkLayout.PREFIX_BYTES)] =
                        (byte) random.nextInt(256);
            }
            ChunkTest.seal(hostile);
            try {
                for (ChunkGroup group : Chunk.open(hostile).groups()) {
                    group.rowGroup();
                }
            } catch (CorruptColumnException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }
}
