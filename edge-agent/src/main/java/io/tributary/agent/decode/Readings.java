package io.tributary.agent.decode;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Column;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.Table;
import io.tributary.model.ValueType;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The readings of one message, on their way into a batch; holds the limits that every decoder has in common. What the
 * names in the address say completes what the payload says.
 */
final class Readings {
    /**
     * Of one message. The intake takes 2 MiB at a time, a reading of the widest kind takes some 40 bytes there; more than
     * this would be refused anyway.
     */
    static final int MAX = 50_000;

    /** A builder looks through the row at hand for every value: wider ones are cut, at no loss. */
    private static final int ROW_MAX = 256;

    private static final Device NONE = Device.of("?");

    private final Message.Names names;
    private @Nullable Map<Named, Device> devices;
    private Device device = NONE;
    private long timeNs;
    private int inRow;
    private int count;

    /** Most messages of sensors hold one reading, and a builder costs more than all the rest: it comes with the second. */
    private @Nullable BatchBuilder builder;

    private @Nullable Batch first;
    private boolean rowAfterFirst;

    private @Nullable Named firstNamed;

    private record Named(String id, Map<String, String> tags) {}

    Readings(Message.Names names) {
        this.names = names;
    }

    /**
     * Opens a row, or goes on with the one at hand when it is of the same device and time.
     *
     * @param id empty: the device that the address names
     * @param tags beside those of the address, which lose against them
     * @param atNs {@link io.tributary.model.Table#STAMP_ON_ARRIVAL} without time
     */
    void row(String id, Map<String, String> tags, long atNs) throws MalformedException {
        Device next = known(id, tags);
        if (!next.equals(device) || atNs != timeNs) {
            device = next;
            timeNs = atNs;
            reopen();
        }
    }

    private Device known(String id, Map<String, String> tags) throws MalformedException {
        Map<Named, Device> known = devices;
        if (known == null) {
            if (device == NONE) {
                firstNamed = new Named(id, tags);
                return device(id, tags);
            }
            known = new HashMap<>();
            devices = known;
            Named named = Objects.requireNonNull(firstNamed);
            known.put(new Named(named.id(), Map.copyOf(named.tags())), device);
        }
        Device next = known.get(new Named(id, tags));
        if (next == null) {
            next = device(id, tags);
            known.put(new Named(id, Map.copyOf(tags)), next);
        }
        return next;
    }

    private Device device(String id, Map<String, String> tags) throws MalformedException {
        String name = id.isEmpty() ? names.device() : id;
        if (name.isEmpty()) {
            throw new MalformedException("no device, neither in the address nor in the payload");
        }
        if (names.tags().isEmpty()) {
            return new Device(name, tags);
        }
        Map<String, String> all = new HashMap<>(names.tags());
        all.putAll(tags);
        return new Device(name, all);
    }

    void add(Channel channel, double value, int quality) throws MalformedException {
        if (count()) {
            first = Batch.of(device, timeNs, channel, Column.ofDoubles(new double[] {value}, 1, null, codes(quality)));
        } else {
            builder().set(channel, value, quality);
        }
    }

    void add(Channel channel, long value, int quality) throws MalformedException {
        if (count()) {
            first = Batch.of(device, timeNs, channel, Column.ofLongs(new long[] {value}, 1, null, codes(quality)));
        } else {
            builder().set(channel, value, quality);
        }
    }

    void add(Channel channel, boolean value, int quality) throws MalformedException {
        if (count()) {
            first = Batch.of(
                    device, timeNs, channel, Column.ofBools(new long[] {value ? 1 : 0}, 1, null, codes(quality)));
        } else {
            builder().set(channel, value, quality);
        }
    }

    void add(Channel channel, String value, int quality) throws MalformedException {
        String checked = ValueTexts.string(value);
        if (count()) {
            first = Batch.of(
                    device, timeNs, channel, Column.ofStrings(new String[] {checked}, 1, null, codes(quality)));
        } else {
            builder().set(channel, checked, quality);
        }
    }

    private static byte @Nullable [] codes(int quality) {
        if (quality < 0 || quality > Quality.MAX) {
            throw new IllegalArgumentException("quality " + quality + ", expected 0 to " + Quality.MAX);
        }
        return quality == Quality.GOOD ? null : new byte[] {(byte) quality};
    }

    /**
     * Adds a value that came as text.
     *
     * @param quoted it was marked as a text: with {@link ValueKind#AUTO} it stays one, whatever it looks like
     */
    void addText(String channel, String unit, ValueKind kind, String text, boolean quoted) throws MalformedException {
        try {
            switch (kind) {
                case DOUBLE -> addNumber(new Channel(channel, ValueType.DOUBLE, unit), text);
                case LONG -> add(new Channel(channel, ValueType.LONG, unit), ValueTexts.whole(text), Quality.GOOD);
                case BOOL -> add(new Channel(channel, ValueType.BOOL, unit), ValueTexts.bool(text), Quality.GOOD);
                case STRING -> add(new Channel(channel, ValueType.STRING, unit), text, Quality.GOOD);
                case AUTO -> addAuto(channel, unit, text, quoted);
            }
        } catch (MalformedException e) {
            throw new MalformedException("channel \"" + ValueTexts.shown(channel) + "\" is " + e.getMessage());
        }
    }

    private void addAuto(String channel, String unit, String text, boolean quoted) throws MalformedException {
        boolean isTrue = text.equalsIgnoreCase("true");
        if (quoted) {
            add(new Channel(channel, ValueType.STRING, unit), text, Quality.GOOD);
        } else if (isTrue || text.equalsIgnoreCase("false")) {
            add(new Channel(channel, ValueType.BOOL, unit), isTrue, Quality.GOOD);
        } else if (ValueTexts.isNumber(text) || text.equalsIgnoreCase("nan")) {
            addNumber(new Channel(channel, ValueType.DOUBLE, unit), text);
        } else {
            add(new Channel(channel, ValueType.STRING, unit), text, Quality.GOOD);
        }
    }

    /** Common firmware prints {@code nan} when its sensor does not answer. */
    private void addNumber(Channel channel, String text) throws MalformedException {
        if (text.equalsIgnoreCase("nan")) {
            add(channel, Double.NaN, Quality.BAD_SENSOR);
        } else {
            add(channel, ValueTexts.number(text), Quality.GOOD);
        }
    }

    private void reopen() {
        if (builder != null) {
            builder.row(device, timeNs);
        }
        rowAfterFirst = first != null;
        inRow = 0;
    }

    private BatchBuilder builder() {
        BatchBuilder made = builder;
        if (made == null) {
            made = new BatchBuilder();
            builder = made;
            if (first != null) {
                unpack(first, made);
            }
            if (rowAfterFirst) {
                made.row(device, timeNs);
            }
        }
        return made;
    }

    /** The first reading, as if the builder had been there from the beginning. */
    private static void unpack(Batch batch, BatchBuilder to) {
        Table table = batch.tables().get(0);
        Channel channel = batch.channels().get(0);
        Column column = table.columns()[0];
        to.row(batch.devices().get(0), table.eventTimes()[0]);
        switch (column.type()) {
            case DOUBLE -> to.set(channel, column.doubles()[0], column.qualityAt(0));
            case LONG -> to.set(channel, column.longs()[0], column.qualityAt(0));
            case BOOL -> to.set(channel, column.longs()[0] != 0, column.qualityAt(0));
            case STRING -> to.set(channel, column.strings()[0], column.qualityAt(0));
        }
    }

    /** @return whether it is the first */
    private boolean count() throws MalformedException {
        if (++inRow > ROW_MAX) {
            reopen();
            inRow = 1;
        }
        if (++count > MAX) {
            throw new MalformedException("more than " + MAX + " readings, expected at most these in a message");
        }
        return count == 1;
    }

    int size() {
        return count;
    }

    Batch build() {
        return count == 1 && first != null ? first : builder().build();
    }
}
