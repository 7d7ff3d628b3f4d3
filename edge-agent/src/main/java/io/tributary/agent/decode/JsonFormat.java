package io.tributary.agent.decode;

import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;

/** How JSON is read here: bounded in depth, names, numbers and texts, and every name once. */
final class JsonFormat {
    private static final int NAME_CHARACTERS_MAX = 1_024;
    private static final int NUMBER_CHARACTERS_MAX = 64;
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(JsonPath.STEPS_MAX)
                    .maxNameLength(NAME_CHARACTERS_MAX)
                    .maxNumberLength(NUMBER_CHARACTERS_MAX)
                    .maxStringLength(ValueTexts.STRING_BYTES_MAX)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private JsonFormat() {}

    static JsonParser parser(byte[] payload) {
        return FACTORY.createParser(ObjectReadContext.empty(), payload, 0, payload.length);
    }

    static MalformedException malformed(JacksonException e) {
        TokenStreamLocation at = e.getLocation();
        String place = at == null ? "" : ", line " + at.getLineNr() + " column " + at.getColumnNr();
        return new MalformedException("not JSON: " + e.getOriginalMessage() + place);
    }
}
