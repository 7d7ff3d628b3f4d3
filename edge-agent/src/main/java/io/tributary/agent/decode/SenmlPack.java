package io.tributary.agent.decode;

import io.tributary.model.Table;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/** Resolves the records of one pack one after the other, RFC 8428 section 4.6. One use, one thread. */
final class SenmlPack {
    /** RFC 8428, section 4.4. */
    private static final int VERSION = 10;
    /** Times below are relative to now, section 4.5.3: 2 to the 28th, in 1978. */
    private static final BigDecimal ABSOLUTE_FROM = BigDecimal.valueOf(1L << 28);

    private final long nowNs;
    private String baseName = "";
    private BigDecimal baseTime = BigDecimal.ZERO;
    private String baseUnit = "";
    private @Nullable BigDecimal baseValue;
    private @Nullable BigDecimal baseSum;
    private @Nullable BigDecimal version;

    /**
     * A record that needs no other to be understood; exactly one of the values, or none beside a sum.
     *
     * @param baseName the part of the name that came from the base; it may be all of it
     * @param unitOfItsOwn whether the unit is not the pack's base unit, though there is one
     * @param timeNs {@link Table#STAMP_ON_ARRIVAL} for now
     */
    record Resolved(
            String name,
            String baseName,
            String unit,
            boolean unitOfItsOwn,
            long timeNs,
            @Nullable BigDecimal value,
            @Nullable String text,
            @Nullable Boolean bool,
            @Nullable String data,
            @Nullable BigDecimal sum) {}

    /** @param nowNs what relative times are relative to */
    SenmlPack(long nowNs) {
        this.nowNs = nowNs;
    }

    /** @return null for a record that only changes the base */
    @Nullable
    Resolved resolve(SenmlRecord record) throws MalformedException {
        rebase(record);
        if (record.values() > 1) {
            throw new MalformedException(record.values() + " values in one record, expected one of v, vs, vb and vd");
        }
        BigDecimal sum = sum(baseSum, record.sum);
        if (record.values() == 0 && record.sum == null) {
            return null;
        }
        String name = record.name == null ? baseName : baseName + record.name;
        checkName(name);
        String unit = record.unit == null ? baseUnit : record.unit;
        BigDecimal value = record.value == null ? null : sum(baseValue, record.value);
        return new Resolved(
                name,
                baseName,
                unit,
                !baseUnit.isEmpty() && !unit.equals(baseUnit),
                time(record.time),
                value,
                record.text,
                record.bool,
                record.data,
                sum);
    }

    private void rebase(SenmlRecord record) throws MalformedException {
        if (record.baseVersion != null) {
            BigDecimal own = record.baseVersion;
            if (own.compareTo(BigDecimal.valueOf(VERSION)) > 0 || own.signum() <= 0) {
                throw new MalformedException("version " + own + " of SenML, expected 1 to " + VERSION);
            }
            if (version != null && version.compareTo(own) != 0) {
                throw new MalformedException("version " + own + " of SenML in a pack of version " + version);
            }
            version = own;
        }
        baseName = record.baseName == null ? baseName : record.baseName;
        baseTime = record.baseTime == null ? baseTime : record.baseTime;
        baseUnit = record.baseUnit == null ? baseUnit : record.baseUnit;
        baseValue = record.baseValue == null ? baseValue : record.baseValue;
        baseSum = record.baseSum == null ? baseSum : record.baseSum;
    }

    /** An absent one counts as 0 beside the other. */
    private static @Nullable BigDecimal sum(@Nullable BigDecimal base, @Nullable BigDecimal own)
            throws MalformedException {
        if (base == null || own == null) {
            return base == null ? own : base;
        }
        return Decimals.add(base, own);
    }

    private long time(@Nullable BigDecimal own) throws MalformedException {
        BigDecimal time = own == null ? baseTime : Decimals.add(baseTime, own);
        if (time.signum() == 0) {
            return Table.STAMP_ON_ARRIVAL;
        }
        long ns = EpochTimes.ns(time, 9);
        return time.compareTo(ABSOLUTE_FROM) >= 0 ? ns : nowNs + ns;
    }

    /** Section 4.5.1: letters, digits and {@code - : . / _}, and not one of these first. */
    private static void checkName(String name) throws MalformedException {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean alphanumeric = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!alphanumeric && (i == 0 || "-:./_".indexOf(c) < 0)) {
                throw new MalformedException(
                        "name \"" + ValueTexts.shown(name) + "\" has '" + ValueTexts.shown(String.valueOf(c))
                                + "', expected letters, digits and, not at its start, - : . / _");
            }
        }
        if (name.isEmpty()) {
            throw new MalformedException("a record without a name, expected n or bn");
        }
    }
}
