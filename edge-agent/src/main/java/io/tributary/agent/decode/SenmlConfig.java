package io.tributary.agent.decode;

import io.tributary.config.TypeName;

/** Sensor measurement lists, RFC 8428. */
public sealed interface SenmlConfig extends DecoderConfig {
    /** As {@code application/senml+json}. */
    @TypeName("senml-json")
    record Json(SenmlMapping mapping) implements SenmlConfig {
        @Override
        public Decoder open(DecoderContext context) {
            return new SenmlDecoder(mapping, context, SenmlJsonReader::new);
        }
    }

    /** As {@code application/senml+cbor}. */
    @TypeName("senml-cbor")
    record Cbor(SenmlMapping mapping) implements SenmlConfig {
        @Override
        public Decoder open(DecoderContext context) {
            return new SenmlDecoder(mapping, context, SenmlCborReader::new);
        }
    }
}
