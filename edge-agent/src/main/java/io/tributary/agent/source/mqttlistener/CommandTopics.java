package io.tributary.agent.source.mqttlistener;

import java.util.List;

/** The only topics of the agent's own, one subtree per client: {@code tributary/commands/{client}/...}. */
final class CommandTopics {
    private static final String PREFIX = "tributary/commands/";

    private CommandTopics() {}

    static String topic(String client, String command) {
        return PREFIX + client + "/" + command;
    }

    /**
     * 0 when the client may subscribe to it, else the MQTT 5 reason code why not. What is not the client's own is refused
     * with 0x80, the one code that 3.1.1 and 5 share; Paho's interoperability tests expect it.
     */
    static int refusal(String client, String filter) {
        if (isShared(filter)) {
            return Violation.SHARED_NOT_SUPPORTED;
        }
        if (!isFilter(filter)) {
            return Violation.FILTER_INVALID;
        }
        // A client called "+" would read everybody's commands.
        boolean plain = client.chars().noneMatch(c -> c == '/' || c == '+' || c == '#');
        String own = PREFIX + client + "/";
        return plain && filter.startsWith(own) && filter.length() > own.length() ? 0 : Violation.UNSPECIFIED;
    }

    static boolean isShared(String filter) {
        return filter.startsWith("$share/");
    }

    /** Wildcards stand alone in their level, {@code #} only in the last (section 4.7.1). */
    private static boolean isFilter(String filter) {
        List<String> levels = List.of(filter.split("/", -1));
        for (int i = 0; i < levels.size(); i++) {
            String level = levels.get(i);
            boolean wildcard = level.indexOf('+') >= 0 || level.indexOf('#') >= 0;
            if (wildcard && (level.length() > 1 || (level.equals("#") && i < levels.size() - 1))) {
                return false;
            }
        }
        return true;
    }

    static boolean matches(String filter, String topic) {
        String[] wanted = filter.split("/", -1);
        String[] levels = topic.split("/", -1);
        for (int i = 0; i < wanted.length; i++) {
            if (wanted[i].equals("#")) {
                return true;
            }
            if (i >= levels.length || !(wanted[i].equals("+") || wanted[i].equals(levels[i]))) {
                return false;
            }
        }
        return wanted.length == levels.length;
    }
}
