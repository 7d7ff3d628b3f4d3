package io.tributary.agent.decode;

import io.tributary.column.Utf8;
import io.tributary.config.Default;
import io.tributary.model.BatchBuilder;
import io.tributary.model.Channel;
import io.tributary.model.Device;
import io.tributary.model.Quality;
import java.util.TreeMap;

/**
 * How a line becomes readings of a device.
 *
 * @param deviceTag the tag that names the device; the other tags become tags of the device
 * @param channel how a channel is named: {@code {field}} and {@code {measurement}} stand for those
 * @param precision unit of time stamps
 */
public record LineMapping(
        @Default("device") String deviceTag,
        @Default("\"{field}\"") String channel,
        @Default("ns") Precision precision) {
    private static final String FIELD = "{field}";
    private static final String MEASUREMENT = "{measurement}";

    public LineMapping {
        if (!channel.contains(FIELD)) {
            throw new IllegalArgumentException("channel is \"" + channel
                    + "\", expected a template with {field}: fields need channels of their own");
        }
    }

    /**
     * Adds the line's readings, all or none.
     *
     * @param arrivalNs of a line without a time; several such lines of a batch are told apart by it
     * @throws MalformedException when it names no device, or names break the limits
     */
    public void add(Line line, long arrivalNs, BatchBuilder batch) throws MalformedException {
        add(line, Message.Names.NONE, arrivalNs, batch);
    }

    /**
     * As {@link #add(Line, long, BatchBuilder)}, where the address says what the line does not.
     *
     * @param names device for lines without {@link #deviceTag}, and further tags
     */
    void add(Line line, Message.Names names, long arrivalNs, BatchBuilder batch) throws MalformedException {
        try {
            Device device = device(line, names);
            long time = line.time() == Line.NO_TIME ? arrivalNs : precision.toNs(line.time());
            Channel[] channels = new Channel[line.fields()];
            for (int i = 0; i < channels.length; i++) {
                channels[i] = new Channel(name(line, i), line.fieldType(i), "");
                checkText(line, i);
            }
            batch.row(device, time);
            for (int i = 0; i < channels.length; i++) {
                switch (line.fieldType(i)) {
                    case DOUBLE -> batch.set(channels[i], Double.longBitsToDouble(line.fieldBits(i)), Quality.GOOD);
                    case LONG -> batch.set(channels[i], line.fieldBits(i), Quality.GOOD);
                    case BOOL -> batch.set(channels[i], line.fieldBits(i) != 0, Quality.GOOD);
                    case STRING -> batch.set(channels[i], line.fieldText(i), Quality.GOOD);
                }
            }
        } catch (IllegalArgumentException e) {
            throw new MalformedException(String.valueOf(e.getMessage()));
        }
    }

    private static void checkText(Line line, int field) throws MalformedException {
        String text = line.fieldText(field);
        if (text.length() > ValueTexts.STRING_BYTES_MAX / 4 && Utf8.encode(text).length > ValueTexts.STRING_BYTES_MAX) {
            throw new MalformedException("field \"" + line.fieldKey(field) + "\" has a text of "
                    + Utf8.encode(text).length + " bytes, expected at most " + ValueTexts.STRING_BYTES_MAX);
        }
    }

    private Device device(Line line, Message.Names names) throws MalformedException {
        String id = names.device();
        TreeMap<String, String> tags = new TreeMap<>(names.tags());
        for (int i = 0; i < line.tags(); i++) {
            if (line.tagKey(i).equals(deviceTag)) {
                id = line.tagValue(i);
            } else {
                tags.put(line.tagKey(i), line.tagValue(i));
            }
        }
        if (id.isEmpty()) {
            throw new MalformedException("no tag \"" + deviceTag + "\", which names the device");
        }
        return tags.isEmpty() ? Device.of(id) : new Device(id, tags);
    }

    private String name(Line line, int field) {
        if (channel.equals(FIELD)) {
            return line.fieldKey(field);
        }
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < channel.length(); ) {
            if (channel.startsWith(FIELD, i)) {
                name.append(line.fieldKey(field));
                i += FIELD.length();
            } else if (channel.startsWith(MEASUREMENT, i)) {
                name.append(line.measurement());
                i += MEASUREMENT.length();
            } else {
                name.append(channel.charAt(i++));
            }
        }
        return name.toString();
    }
}
