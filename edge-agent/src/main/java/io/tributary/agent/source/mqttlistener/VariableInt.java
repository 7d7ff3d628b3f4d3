package io.tributary.agent.source.mqttlistener;

import io.netty.buffer.ByteBuf;

/** Variable byte integers, MQTT 5 section 1.5.5: seven bits a byte, the least first, at most four bytes, the fewest. */
final class VariableInt {
    private VariableInt() {}

    static int read(ByteBuf bytes, int at) throws Violation {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            PropertyRules.require(bytes, at + i, 1);
            int digit = bytes.getUnsignedByte(at + i);
            value |= (digit & 0x7f) << (7 * i);
            if ((digit & 0x80) == 0) {
                if (digit == 0 && i > 0) {
                    throw Violation.malformed("variable byte integer " + value + " in " + (i + 1) + " bytes");
                }
                return value;
            }
        }
        throw Violation.malformed("variable byte integer of more than 4 bytes");
    }

    static int size(int value) {
        return value < 1 << 7 ? 1 : value < 1 << 14 ? 2 : value < 1 << 21 ? 3 : 4;
    }
}
