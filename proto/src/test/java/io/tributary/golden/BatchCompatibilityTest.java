package io.tributary.golden;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.tributary.model.BatchCodec;
import io.tributary.model.BatchLimits;
import io.tributary.model.InvalidBatchException;
import io.tributary.proto.v1.Batch;
import io.tributary.proto.v1.BatchBody;
import io.tributary.proto.v1.Column;
import io.tributary.proto.v1.Device;
import io.tributary.proto.v1.Table;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Batches of the past are read for ever, and those of the future as far as they can be. A golden file is never
 * regenerated: when the encoder writes something else, the old files stay and another one joins them.
 */
class BatchCompatibilityTest {
    /** A field of every wire type, with a number beyond what any message of batch.proto has. */
    private static final UnknownFieldSet UNKNOWN = UnknownFieldSet.newBuilder()
            .addField(
                    900,
                    UnknownFieldSet.Field.newBuilder()
                            .addVarint(Long.MAX_VALUE)
                            .addFixed64(1)
                            .addLengthDelimited(ByteString.copyFromUtf8("of a later version"))
                            .addFixed32(2)
                            .build())
            .build();

    @ParameterizedTest
    @ValueSource(strings = {"example", "columns", "sparse", "zstd"})
    void oldBatch_decodesToTheSameRows(String name) throws Exception {
        byte[] bytes = GoldenText.hex(GoldenText.lines(name + ".hex"));

        io.tributary.model.Batch batch = BatchCodec.decode(bytes, BatchLimits.DEFAULT);

        assertThat(GoldenText.of(batch)).isEqualTo(String.join("\n", GoldenText.lines(name + ".rows")) + "\n");
        assertThat(BatchCodec.readingCount(bytes)).isEqualTo(batch.readingCount());
    }

    @Test
    void oldBatch_encodedAgain_keepsItsRows() throws Exception {
        for (String name : new String[] {"example", "columns", "sparse", "zstd"}) {
            io.tributary.model.Batch batch =
                    BatchCodec.decode(GoldenText.hex(GoldenText.lines(name + ".hex")), BatchLimits.DEFAULT);

            io.tributary.model.Batch again = BatchCodec.decode(BatchCodec.encode(batch), BatchLimits.DEFAULT);

            assertThat(GoldenText.of(again)).as(name).isEqualTo(GoldenText.of(batch));
        }
    }

    @Test
    void unknownFields_areSkippedInEveryMessage() throws Exception {
        byte[] later = withUnknownFields();

        assertThat(GoldenText.of(BatchCodec.decode(later, BatchLimits.DEFAULT)))
                .isEqualTo(GoldenText.of(ExampleBatch.build()));
        assertThat(BatchCodec.readingCount(later))
                .isEqualTo(ExampleBatch.build().readingCount());
    }

    @Test
    void unknownFields_surviveGeneratedCode() throws Exception {
        byte[] later = withUnknownFields();

        assertThat(Batch.parseFrom(later).toByteArray()).isEqualTo(later);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 77})
    void anotherFormat_isRefusedByName(int format) throws Exception {
        byte[] later = envelope().toBuilder().setFormat(format).build().toByteArray();
        String message = "format " + format + ", expected 1";

        assertThatThrownBy(() -> BatchCodec.decode(later, BatchLimits.DEFAULT))
                .isInstanceOf(InvalidBatchException.class)
                .hasMessageContaining(message);
        assertThatThrownBy(() -> BatchCodec.readingCount(later))
                .isInstanceOf(InvalidBatchException.class)
                .hasMessageContaining(message);
    }

    @Test
    void anotherCompression_isRefusedByNumber() throws Exception {
        byte[] later = envelope().toBuilder().setCompressionValue(2).build().toByteArray();

        assertThatThrownBy(() -> BatchCodec.decode(later, BatchLimits.DEFAULT))
                .isInstanceOf(InvalidBatchException.class)
                .hasMessageContaining("compression 2");
    }

    private static Batch envelope() throws Exception {
        return Batch.parseFrom(BatchCodec.encode(ExampleBatch.build()));
    }

    private static byte[] withUnknownFields() throws Exception {
        Batch envelope = envelope();
        BatchBody.Builder body = BatchBody.parseFrom(envelope.getBody()).toBuilder();
        body.getDevicesBuilderList().forEach(device -> device.setUnknownFields(UNKNOWN));
        body.getChannelsBuilderList().forEach(channel -> channel.setUnknownFields(UNKNOWN));
        for (Table.Builder table : body.getTablesBuilderList()) {
            table.setUnknownFields(UNKNOWN);
            for (Column.Builder column : table.getColumnsBuilderList()) {
                column.setUnknownFields(UNKNOWN);
            }
        }
        ByteString bytes =
                withUnknownTagField(body.setUnknownFields(UNKNOWN).build()).toByteString();
        CRC32C crc = new CRC32C();
        crc.update(bytes.toByteArray());
        return envelope.toBuilder()
                .setBody(bytes)
                .setBodySize(bytes.size())
                .setBodyCrc((int) crc.getValue())
                .setUnknownFields(UNKNOWN)
                .build()
                .toByteArray();
    }

    /** A tag is an entry of a map, for which generated code keeps no unknown fields: written as bytes. */
    private static BatchBody withUnknownTagField(BatchBody body) throws Exception {
        ByteString tag =
                ByteString.copyFrom(new byte[] {0x0a, 4, 's', 'i', 't', 'e', 0x12, 5, 'n', 'o', 'r', 't', 'h'});
        UnknownFieldSet fields = UnknownFieldSet.newBuilder()
                .addField(
                        2,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(tag.concat(UNKNOWN.toByteString()))
                                .build())
                .mergeFrom(UNKNOWN)
                .build();
        Device pump = body.getDevices(0).toBuilder()
                .clearTags()
                .setUnknownFields(fields)
                .build();
        return body.toBuilder().setDevices(0, pump).build();
    }
}
