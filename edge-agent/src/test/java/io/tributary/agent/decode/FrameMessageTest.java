package io.tributary.agent.decode;

import static io.tributary.agent.decode.Batches.decoder;
import static io.tributary.agent.decode.Batches.shown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import com.google.protobuf.ByteString;
import io.tributary.model.BatchBuilder;
import io.tributary.model.BatchCodec;
import io.tributary.model.Device;
import io.tributary.proto.v1.DeviceSamples;
import io.tributary.proto.v1.Frame;
import io.tributary.proto.v1.Sample;
import io.tributary.proto.v1.SampleValue;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FrameMessageTest {
    private static Frame.Builder frame(String device) {
        return Frame.newBuilder()
                .addDevices(DeviceSamples.newBuilder()
                        .setDevice(device)
                        .putTags("model", "m1")
                        .addSamples(Sample.newBuilder()
                                .setEventTimeNs(5)
                                .addValues(SampleValue.newBuilder()
                                        .setChannel("temp")
                                        .setUnit("Cel")
                                        .setDoubleValue(20.5))
                                .addValues(SampleValue.newBuilder()
                                        .setChannel("note")
                                        .setStringValue("dry")
                                        .setQuality(0x80))));
    }

    private static byte[] batch() {
        return Frame.newBuilder()
                .setBatch(ByteString.copyFrom(BatchCodec.encode(new BatchBuilder()
                        .row(Device.of("g1"), 7, 8)
                        .set("x", 3L)
                        .build())))
                .build()
                .toByteArray();
    }

    @Test
    void rowsAndBatches_areRead_andTheAddressCompletesThem() throws Exception {
        Decoder decoder = decoder("{type: frame}");
        Message.Names names = new Message.Names("w7", "", Map.of("line", "a"));
        assertThat(shown(decoder.decode(new Message("", names, frame("").build().toByteArray()))))
                .isEqualTo(
                        "w7{line=a, model=m1} temp:DOUBLE[Cel]=20.5 @5\nw7{line=a, model=m1} note:STRING=dry @5 !80");
        assertThat(shown(decoder.decode(
                        new Message("", Message.Names.NONE, frame("w8").build().toByteArray()))))
                .startsWith("w8{model=m1} temp");
        assertThat(shown(decoder.decode(new Message("", names, batch())))).isEqualTo("g1 x:LONG=3 @7");
    }

    @Test
    void noDeviceAnywhere_isMalformed() throws Exception {
        Decoder decoder = decoder("{type: frame}");
        assertThatThrownBy(() -> decoder.decode(
                        new Message("", Message.Names.NONE, frame("").build().toByteArray())))
                .isInstanceOf(MalformedException.class);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void damagedFrames_areDecodedOrRefused(long seed) throws Exception {
        Hostile.damage(
                seed, 5_000, decoder("{type: frame}"), "", frame("w1").build().toByteArray(), batch());
    }

    @FuzzTest
    void anyBytes_areDecodedOrRefused(byte[] bytes) throws Exception {
        Hostile.decode(decoder("{type: frame}"), "", bytes);
    }
}
