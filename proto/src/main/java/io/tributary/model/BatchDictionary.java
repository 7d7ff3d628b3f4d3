package io.tributary.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The devices and channels of a batch under construction, each with its index. */
final class BatchDictionary {
    private final List<Device> devices = new ArrayList<>();
    private final Map<String, Integer> deviceById = new HashMap<>();
    private final Map<Device, Integer> deviceIndex = new HashMap<>();
    private final List<Channel> channels = new ArrayList<>();
    private final Map<Channel, Integer> channelIndex = new HashMap<>();
    private final List<Map<String, Integer>> unitlessByName = new ArrayList<>();

    BatchDictionary() {
        for (ValueType type : ValueType.values()) {
            unitlessByName.add(new HashMap<>());
        }
    }

    List<Device> devices() {
        return devices;
    }

    List<Channel> channels() {
        return channels;
    }

    Channel channel(int index) {
        return channels.get(index);
    }

    void clear() {
        devices.clear();
        deviceById.clear();
        deviceIndex.clear();
        channels.clear();
        channelIndex.clear();
        unitlessByName.forEach(Map::clear);
    }

    int indexOf(Device device) {
        Integer known = deviceById.get(device.id());
        if (known != null && devices.get(known).equals(device)) {
            return known;
        }
        Integer next = devices.size();
        Integer index = deviceIndex.putIfAbsent(device, next);
        if (index == null) {
            devices.add(device);
            index = next;
        }
        deviceById.put(device.id(), index);
        return index;
    }

    int indexOf(Channel channel, ValueType type) {
        if (channel.type() != type) {
            throw new IllegalArgumentException("value of type " + type + " for " + channel);
        }
        return indexOf(channel);
    }

    int indexOf(Channel channel) {
        Integer next = channels.size();
        Integer known = channelIndex.putIfAbsent(channel, next);
        if (known == null) {
            channels.add(channel);
            return next;
        }
        return known;
    }

    int indexOf(String name, ValueType type) {
        Map<String, Integer> byName = unitlessByName.get(type.ordinal());
        Integer known = byName.get(name);
        if (known == null) {
            known = indexOf(Channel.of(name, type));
            byName.put(name, known);
        }
        return known;
    }
}
