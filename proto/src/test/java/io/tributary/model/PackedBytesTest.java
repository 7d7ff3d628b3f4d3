package io.tributary.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import io.tributary.column.ByteSink;
import io.tributary.column.ByteSource;
import io.tributary.column.CorruptColumnException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PackedBytesTest {
    private static byte[] text(int lines) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < lines; i++) {
            text.append("pump ").append(i * 7919 % 1000).append(" stopped: no flow\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] packed(byte[] plain) {
        ByteSink out = new ByteSink(16);
        out.writeByte(9);
        out.writeBytes(plain);
        assertThat(PackedBytes.pack(out, 1)).isTrue();
        assertThat(out.array()[0]).isEqualTo((byte) 9);
        return Arrays.copyOfRange(out.array(), 1, out.size());
    }

    @Test
    void texts_areSmallerAndComeBack() throws CorruptColumnException {
        byte[] plain = text(1000);
        byte[] packed = packed(plain);
        assertThat(packed.length).isLessThan(plain.length / 4);
        ByteSource opened = PackedBytes.open(new ByteSource(packed));
        assertThat(Arrays.copyOfRange(opened.array(), opened.position(), opened.position() + opened.remaining()))
                .isEqualTo(plain);
    }

    @Test
    void whatDoesNotPay_staysAsItIs() {
        byte[] noise = new byte[5000];
        new Random(3).nextBytes(noise);
        byte[] few = new byte[PackedBytes.PLAIN_BYTES_MIN - 1];
        for (byte[] plain : new byte[][] {noise, few}) {
            ByteSink out = new ByteSink(16);
            out.writeBytes(plain);
            assertThat(PackedBytes.pack(out, 0)).isFalse();
            assertThat(Arrays.copyOf(out.array(), out.size())).isEqualTo(plain);
        }
    }

    /** Bytes of an earlier version; what a writer makes of a text is zstd's to choose. */
    @Test
    void goldenBytes_areRead() throws CorruptColumnException {
        byte[] golden = HexFormat.of().parseHex("ac0228b52ffd602c004d00001061610100272ac002");
        ByteSource opened = PackedBytes.open(new ByteSource(golden));
        byte[] expected = new byte[300];
        Arrays.fill(expected, (byte) 'a');
        assertThat(Arrays.copyOfRange(opened.array(), opened.position(), opened.position() + opened.remaining()))
                .isEqualTo(expected);
    }

    @Test
    void bombs_areRefusedBeforeAnythingIsAllocated() {
        byte[] bomb = Zstd.compress(new byte[PackedBytes.PLAIN_BYTES_MAX + 1]);
        assertThat(bomb.length).isLessThan(10_000);
        for (long told : new long[] {PackedBytes.PLAIN_BYTES_MAX + 1, 300, Long.MAX_VALUE}) {
            ByteSink out = new ByteSink(16);
            out.writeVarint(told);
            out.writeBytes(bomb);
            ByteSource in = new ByteSource(Arrays.copyOf(out.array(), out.size()));
            assertThatThrownBy(() -> PackedBytes.open(in)).isInstanceOf(CorruptColumnException.class);
        }
    }

    @Test
    void damage_isAnException() {
        byte[] packed = packed(text(100));
        Random random = new Random(1);
        for (int i = 0; i < packed.length; i++) {
            byte[] cut = Arrays.copyOf(packed, i);
            assertThatThrownBy(() -> PackedBytes.open(new ByteSource(cut))).isInstanceOf(CorruptColumnException.class);
            byte[] damaged = packed.clone();
            damaged[i] = (byte) random.nextInt(256);
            try {
                assertThat(PackedBytes.open(new ByteSource(damaged)).remaining())
                        .isLessThanOrEqualTo(PackedBytes.PLAIN_BYTES_MAX);
            } catch (CorruptColumnException e) {
                assertThat(e.getMessage()).isNotEmpty();
            }
        }
    }
}
