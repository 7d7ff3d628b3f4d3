package io.tributary.agent.decode;

import java.util.Base64;

/** RFC 8428 section 6. */
final class SenmlCborReader implements SenmlReader {
    private static final int LABELS_FROM = -6;
    /** By label, from {@link #LABELS_FROM} on. */
    private static final String[] LABELS = {
        "bs", "bv", "bu", "bt", "bn", "bver", "n", "u", "v", "vs", "vb", "s", "t", "ut", "vd"
    };

    private final CborReader cbor;
    private long left;
    /** Fields that the record at hand has, by position in {@link #LABELS}. */
    private int seen;

    SenmlCborReader(byte[] payload) throws MalformedException {
        cbor = new CborReader(payload);
        cbor.skipSelfDescription();
        left = cbor.array();
    }

    @Override
    public boolean next(SenmlRecord record) throws MalformedException {
        if (left == CborReader.INDEFINITE ? cbor.takeBreak() : left-- == 0) {
            if (!cbor.atEnd()) {
                throw new MalformedException("something behind the pack, expected its end");
            }
            return false;
        }
        record.clear();
        seen = 0;
        long fields = cbor.map();
        for (long i = 0; fields == CborReader.INDEFINITE ? !cbor.takeBreak() : i < fields; i++) {
            field(record, label());
        }
        return true;
    }

    /** @return empty for a number that means nothing here */
    private String label() throws MalformedException {
        if (cbor.isText()) {
            return cbor.text();
        }
        long label = cbor.whole() - LABELS_FROM;
        return label >= 0 && label < LABELS.length ? LABELS[(int) label] : "";
    }

    private void field(SenmlRecord record, String label) throws MalformedException {
        for (int i = 0; i < LABELS.length; i++) {
            if (LABELS[i].equals(label)) {
                if ((seen & 1 << i) != 0) {
                    throw new MalformedException("field \"" + label + "\" is there twice in a record");
                }
                seen |= 1 << i;
            }
        }
        switch (label) {
            case "bn" -> record.baseName = cbor.text();
            case "bt" -> record.baseTime = cbor.number();
            case "bu" -> record.baseUnit = cbor.text();
            case "bv" -> record.baseValue = cbor.number();
            case "bs" -> record.baseSum = cbor.number();
            case "bver" -> record.baseVersion = cbor.number();
            case "n" -> record.name = cbor.text();
            case "u" -> record.unit = cbor.text();
            case "v" -> record.value = cbor.number();
            case "vs" -> record.text = cbor.text();
            case "vb" -> record.bool = cbor.bool();
            case "vd" -> record.data = Base64.getUrlEncoder().withoutPadding().encodeToString(cbor.bytes());
            case "s" -> record.sum = cbor.number();
            case "t" -> record.time = cbor.number();
            case "ut" -> record.updateTime = cbor.number();
            default -> {
                if (label.endsWith("_")) { // section 4.4: must be understood
                    throw new MalformedException(
                            "field \"" + ValueTexts.shown(label) + "\" must be understood, and is unknown here");
                }
                cbor.skip();
            }
        }
    }
}
