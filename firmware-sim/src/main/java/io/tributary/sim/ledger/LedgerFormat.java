package io.tributary.sim.ledger;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * The bytes of a ledger; little endian, varints as in protobuf, s = zigzag.
 *
 * <pre>
 * file    = magic "TRIBLDG1", block*
 * block   = u32 length of payload, u32 CRC-32C of kind and payload, u8 kind, payload
 *
 * kind 1, run:      begins each run of the simulator; dictionaries start empty, deliveries of the run before are over
 * kind 2, sending:  varint delivery ID, varint rows, row*
 *   row     = varint device (0: a new one: text ID), s-varint event time minus that of the row before, varint values,
 *             value*
 *   value   = varint c (bit 0: a quality byte follows; c >> 1 = 0: a new channel: text name, u8 type; else its number),
 *             u8 quality?, then by type: double 8 bytes, long s-varint, bool u8, string text
 *   text    = varint length, UTF-8
 * kind 3, settled:  varint delivery ID, varint from row, varint to row (exclusive), u8 result
 * </pre>
 *
 * A sending block is written before the first byte goes on the wire, a settled block when the answer is there, each with
 * one write: after a kill the file ends at most inside one block. Rows that no settled block covers are in doubt.
 */
final class LedgerFormat {
    static final byte[] MAGIC = "TRIBLDG1".getBytes(StandardCharsets.US_ASCII);
    static final int BLOCK_HEADER_BYTES = 9;
    static final int RUN = 1;
    static final int SENDING = 2;
    static final int SETTLED = 3;
    static final int ACCEPTED = 0;
    static final int REJECTED = 1;
    static final int UNSENT = 2;
    /** Far above any delivery; a larger length is damage. */
    static final int PAYLOAD_BYTES_MAX = 64 << 20;

    private LedgerFormat() {}

    /** Over the kind and the payload behind it. */
    static int crc(byte[] bytes, int from, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, from, length);
        return (int) crc.getValue();
    }
}
