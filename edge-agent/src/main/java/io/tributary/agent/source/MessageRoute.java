package io.tributary.agent.source;

import io.tributary.agent.decode.AddressTemplate;
import io.tributary.agent.decode.DecoderConfig;
import io.tributary.config.Default;

/**
 * One entry of {@code topics}: how what comes under some addresses is read.
 *
 * @param topic what the levels of the address mean
 */
public record MessageRoute(
        AddressTemplate topic, @Default("{type: json}") DecoderConfig decode) {}
