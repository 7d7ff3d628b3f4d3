package io.tributary.agent.decode;

import io.tributary.model.Device;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the segments of an address mean, for MQTT topics and HTTP paths alike.
 *
 * <pre>
 * plant/{tag:line}/{device}/+/{channel}
 * literal  tag       device   any  channel       "#" at the end: the rest, also none
 * </pre>
 *
 * A placeholder takes one whole, non-empty segment: with parts of segments two templates of one broker could not be told
 * apart by their subscriptions. Immutable, any thread.
 */
public final class AddressTemplate {
    /** MQTT's own limit of a topic; bounds what an address can cost. */
    private static final int CHARACTERS_MAX = 65_535;

    private static final String DEVICE = "{device}";
    private static final String CHANNEL = "{channel}";
    private static final String TAG = "{tag:";

    private enum Kind {
        LITERAL,
        ANY,
        DEVICE,
        CHANNEL,
        TAG,
        REST
    }

    /** @param text the literal, or the name of the tag */
    private record Segment(Kind kind, String text) {}

    private final String text;
    private final List<Segment> segments;

    private AddressTemplate(String text, List<Segment> segments) {
        this.text = text;
        this.segments = List.copyOf(segments);
    }

    /** @throws IllegalArgumentException which segment is wrong, and what a segment can be */
    public static AddressTemplate parse(String text) {
        if (text.isEmpty() || text.length() > CHARACTERS_MAX) {
            throw new IllegalArgumentException("expected a template of 1 to " + CHARACTERS_MAX
                    + " characters, for example plant/{device}/{channel}");
        }
        String[] parts = text.split("/", -1);
        List<Segment> segments = new ArrayList<>(parts.length);
        Set<String> seen = new HashSet<>();
        int tags = 0;
        for (int i = 0; i < parts.length; i++) {
            Segment segment = segment(parts[i], i + 1);
            if (segment.kind() == Kind.REST && i < parts.length - 1) {
                throw new IllegalArgumentException("segment " + (i + 1) + " is #, expected it at the end only");
            }
            boolean named = segment.kind() != Kind.LITERAL && segment.kind() != Kind.ANY;
            if (named && !seen.add(parts[i])) {
                throw new IllegalArgumentException(
                        "segment " + (i + 1) + " is " + parts[i] + " again, expected it once");
            }
            tags += segment.kind() == Kind.TAG ? 1 : 0;
            segments.add(segment);
        }
        if (tags > Device.TAGS_MAX) {
            throw new IllegalArgumentException(tags + " tags, expected at most " + Device.TAGS_MAX);
        }
        return new AddressTemplate(text, segments);
    }

    private static Segment segment(String part, int number) {
        switch (part) {
            case "+" -> {
                return new Segment(Kind.ANY, "");
            }
            case "#" -> {
                return new Segment(Kind.REST, "");
            }
            case DEVICE -> {
                return new Segment(Kind.DEVICE, "");
            }
            case CHANNEL -> {
                return new Segment(Kind.CHANNEL, "");
            }
            default -> {
                // A tag or a literal.
            }
        }
        if (part.startsWith(TAG) && part.endsWith("}")) {
            String tag = part.substring(TAG.length(), part.length() - 1);
            if (!tag.isEmpty() && tag.chars().noneMatch(c -> c == '{' || c == '}' || c < ' ' || c == 0x7f)) {
                return new Segment(Kind.TAG, tag);
            }
        } else if (part.chars().noneMatch(c -> c == '{' || c == '}' || c == '+' || c == '#' || c == 0)) {
            return new Segment(Kind.LITERAL, part);
        }
        throw new IllegalArgumentException("segment " + number + " is \"" + part
                + "\", expected a literal, or as the whole segment {device}, {channel}, {tag:NAME}, + or #");
    }

    /**
     * What the address says by its place, or null when it is not one of this template's.
     *
     * <p>As MQTT has it, no wildcard or placeholder takes the first segment of an address that begins with {@code $}, and
     * {@code a/#} matches {@code a}.
     */
    public Message.@Nullable Names match(String address) {
        if (address.length() > CHARACTERS_MAX
                || (address.startsWith("$") && segments.get(0).kind() != Kind.LITERAL)) {
            return null;
        }
        String device = "";
        String channel = "";
        Map<String, String> tags = null;
        int at = 0; // length + 1: behind the last segment
        for (Segment segment : segments) {
            if (segment.kind() == Kind.REST) {
                return names(device, channel, tags);
            }
            if (at > address.length()) {
                return null;
            }
            int slash = address.indexOf('/', at);
            int end = slash < 0 ? address.length() : slash;
            boolean captures = segment.kind() != Kind.LITERAL && segment.kind() != Kind.ANY;
            if (captures && at == end) {
                return null;
            }
            switch (segment.kind()) {
                case LITERAL -> {
                    if (end - at != segment.text().length() || !address.startsWith(segment.text(), at)) {
                        return null;
                    }
                }
                case DEVICE -> device = address.substring(at, end);
                case CHANNEL -> channel = address.substring(at, end);
                case TAG -> {
                    tags = tags == null ? new HashMap<>() : tags;
                    tags.put(segment.text(), address.substring(at, end));
                }
                default -> {
                    // Any segment will do.
                }
            }
            at = end + 1;
        }
        return at > address.length() ? names(device, channel, tags) : null;
    }

    private static Message.Names names(String device, String channel, @Nullable Map<String, String> tags) {
        return tags == null && device.isEmpty() && channel.isEmpty()
                ? Message.Names.NONE
                : new Message.Names(device, channel, tags == null ? Map.of() : tags);
    }

    /** The MQTT topic filter that brings exactly the addresses that can match. */
    public String subscription() {
        StringBuilder filter = new StringBuilder();
        for (int i = 0; i < segments.size(); i++) {
            Segment segment = segments.get(i);
            filter.append(i == 0 ? "" : "/");
            switch (segment.kind()) {
                case LITERAL -> filter.append(segment.text());
                case REST -> filter.append('#');
                default -> filter.append('+');
            }
        }
        return filter.toString();
    }

    /** Whether it names the device; then a payload need not. */
    public boolean namesDevice() {
        return segments.stream().anyMatch(segment -> segment.kind() == Kind.DEVICE);
    }

    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof AddressTemplate other && text.equals(other.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
