package io.tributary.agent.decode;

import io.tributary.model.Batch;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import io.tributary.model.ValueType;
import java.util.HashMap;
import java.util.Map;

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
    private final BatchBuilder builder = new BatchBuilder();
    private final Map<Named, Device> devices = new HashMap<>();
    private Device device = NONE;
    private long timeNs;
    private int inRow;
    private int count;

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
        Device next = devices.get(new Named(id, tags));
        if (next == null) {
            next = device(id, tags);
            devices.put(new Named(id, Map.copyOf(tags)), next);
        }
        if (!next.equals(device) || atNs != timeNs) {
            device = next;
            timeNs = atNs;
            reopen();
        }
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
        count();
        builder.set(channel, value, quality);
    }

    void add(Channel channel, long value, int quality) throws MalformedException {
        count();
        builder.set(channel, value, quality);
    }

    void add(Channel channel, boolean value, int quality) throws MalformedException {
        count();
        builder.set(channel, value, quality);
    }

    void add(Channel channel, String value, int quality) throws MalformedException {
        count();
        builder.set(channel, ValueTexts.string(value), quality);
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
        builder.row(device, timeNs);
        inRow = 0;
    }

    private void count() throws MalformedException {
        if (++inRow > ROW_MAX) {
            reopen();
            inRow = 1;
        }
        if (++count > MAX) {
            throw new MalformedException("more than " + MAX + " readings, expected at most these in a message");
        }
    }

    int size() {
        return count;
    }

    Batch build() {
        return builder.build();
    }
}
