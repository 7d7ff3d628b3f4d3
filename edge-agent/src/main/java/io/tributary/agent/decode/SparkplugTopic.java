package io.tributary.agent.decode;

import java.util.List;

/**
 * {@code spBv1.0/GROUP/TYPE/NODE[/DEVICE]}, specification 3.0 section 4.
 *
 * @param device empty for messages of the node itself
 */
record SparkplugTopic(Type type, String group, String node, String device) {
    private static final String NAMESPACE = "spBv1.0";
    private static final int SEGMENTS_MAX = 5;

    enum Type {
        NBIRTH,
        NDATA,
        NDEATH,
        DBIRTH,
        DDATA,
        DDEATH,
        /** Of hosts, not of nodes: commands and the hosts' own state. */
        OTHER
    }

    static SparkplugTopic parse(String topic) throws MalformedException {
        List<String> segments = List.of(topic.split("/", SEGMENTS_MAX + 1));
        if (segments.size() < 3
                || segments.size() > SEGMENTS_MAX
                || !segments.get(0).equals(NAMESPACE)) {
            throw wrong(topic);
        }
        if (segments.get(1).equals("STATE")) {
            return new SparkplugTopic(Type.OTHER, "", "", "");
        }
        Type type = switch (segments.get(2)) {
            case "NBIRTH" -> Type.NBIRTH;
            case "NDATA" -> Type.NDATA;
            case "NDEATH" -> Type.NDEATH;
            case "DBIRTH" -> Type.DBIRTH;
            case "DDATA" -> Type.DDATA;
            case "DDEATH" -> Type.DDEATH;
            case "NCMD", "DCMD" -> Type.OTHER;
            default -> throw wrong(topic);
        };
        boolean ofDevice = segments.get(2).startsWith("D");
        if (segments.size() != (ofDevice ? SEGMENTS_MAX : SEGMENTS_MAX - 1)) {
            throw wrong(topic);
        }
        return new SparkplugTopic(type, segments.get(1), segments.get(3), ofDevice ? segments.get(4) : "");
    }

    private static MalformedException wrong(String topic) {
        return new MalformedException("topic \"" + ValueTexts.shown(topic) + "\", expected " + NAMESPACE
                + "/GROUP/TYPE/NODE, or with /DEVICE for types DBIRTH, DDATA, DDEATH and DCMD");
    }
}
