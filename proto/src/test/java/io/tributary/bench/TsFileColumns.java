package io.tributary.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.tsfile.encoding.decoder.Decoder;
import org.apache.tsfile.encoding.encoder.Encoder;
import org.apache.tsfile.encoding.encoder.TSEncodingBuilder;
import org.apache.tsfile.enums.TSDataType;
import org.apache.tsfile.file.metadata.enums.TSEncoding;

/**
 * Columns as Apache TsFile (IoTDB) encodes them: another implementation to hold ours to. Only encodings that give back every
 * bit; those for decimals keep two of them unless told otherwise.
 */
public enum TsFileColumns {
    /** Differences, bit packed. Longs only: of doubles it keeps two decimals. */
    TS_2DIFF(TSEncoding.TS_2DIFF, false),
    /** Runs and bit packing. Longs only, for the same reason. */
    RLE(TSEncoding.RLE, false),
    /** XOR with the value before. */
    GORILLA(TSEncoding.GORILLA, true),
    /** XOR, for more patterns of bits. */
    CHIMP(TSEncoding.CHIMP, true),
    ZIGZAG(TSEncoding.ZIGZAG, false);

    private final TSEncoding encoding;
    private final boolean doubles;

    TsFileColumns(TSEncoding encoding, boolean doubles) {
        this.encoding = encoding;
        this.doubles = doubles;
    }

    /** Whether it gives back every bit of doubles. */
    public boolean takesDoubles() {
        return doubles;
    }

    public byte[] encode(long[] values) {
        return encoded(TSDataType.INT64, (encoder, out) -> {
            for (long value : values) {
                encoder.encode(value, out);
            }
        });
    }

    public byte[] encode(double[] values) {
        return encoded(TSDataType.DOUBLE, (encoder, out) -> {
            for (double value : values) {
                encoder.encode(value, out);
            }
        });
    }

    private interface Writing {
        void write(Encoder encoder, ByteArrayOutputStream out);
    }

    private byte[] encoded(TSDataType type, Writing writing) {
        Encoder encoder = TSEncodingBuilder.getEncodingBuilder(encoding).getEncoder(type);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        writing.write(encoder, out);
        try {
            encoder.flush(out);
        } catch (IOException e) {
            throw new UncheckedIOException("an array in memory cannot be written", e);
        }
        return out.toByteArray();
    }

    public long[] decodeLongs(byte[] bytes, int size) {
        Decoder decoder = Decoder.getDecoderByType(encoding, TSDataType.INT64);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        long[] values = new long[size];
        for (int i = 0; i < size; i++) {
            next(decoder, in);
            values[i] = decoder.readLong(in);
        }
        return values;
    }

    public double[] decodeDoubles(byte[] bytes, int size) {
        Decoder decoder = Decoder.getDecoderByType(encoding, TSDataType.DOUBLE);
        ByteBuffer in = ByteBuffer.wrap(bytes);
        double[] values = new double[size];
        for (int i = 0; i < size; i++) {
            next(decoder, in);
            values[i] = decoder.readDouble(in);
        }
        return values;
    }

    private static void next(Decoder decoder, ByteBuffer in) {
        try {
            if (!decoder.hasNext(in)) {
                throw new IllegalStateException("TsFile has fewer values than were written");
            }
        } catch (IOException e) {
            throw new UncheckedIOException("an array in memory cannot be read", e);
        }
    }
}
