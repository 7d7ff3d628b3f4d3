package io.tributary.collector.query;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Where an answer that goes from device to device goes on: at this one, which has not been told of. */
public record DevicePosition(String device) {
    /** Opaque to clients, safe in a URL. */
    public String token() {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(device.getBytes(StandardCharsets.UTF_8));
    }

    /** @throws QueryException invalid, when this is no token */
    public static DevicePosition parse(String token) {
        try {
            byte[] utf8 = Base64.getUrlDecoder().decode(token);
            return new DevicePosition(StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(utf8))
                    .toString());
        } catch (IllegalArgumentException | CharacterCodingException e) {
            throw Position.notAToken(token);
        }
    }
}
