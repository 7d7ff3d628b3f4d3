package io.tributary.config;

import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.events.CollectionEndEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/** Text to a tree of nodes that know their places, within limits of size, depth and aliases. */
final class YamlTree {
    /** The composer recurses; our records nest less than ten deep. */
    private static final int MAX_DEPTH = 64;

    private static final int MAX_COLLECTION_ALIASES = 50;

    private YamlTree() {}

    /** An empty mapping for an empty document, and after a problem. */
    static Node parse(String yaml, Problems problems) {
        LoadSettings settings = LoadSettings.builder()
                .setSchema(new CoreSchema())
                .setAllowNonScalarKeys(true)
                .setCodePointLimit(ConfigReader.MAX_BYTES)
                .setMaxAliasesForCollections(MAX_COLLECTION_ALIASES)
                .build();
        try {
            if (depthIsBounded(yaml, settings, problems)) {
                return new Compose(settings)
                        .composeString(yaml)
                        .filter(node -> !node.getTag().equals(Tag.NULL))
                        .orElseGet(YamlTree::emptyMapping);
            }
        } catch (MarkedYamlEngineException e) {
            Optional<Mark> mark = e.getProblemMark().or(e::getContextMark);
            problems.add(
                    mark.map(m -> m.getLine() + 1).orElse(1),
                    mark.map(m -> m.getColumn() + 1).orElse(1),
                    "",
                    "not YAML: " + sentence(e));
        } catch (YamlEngineException e) {
            problems.add(1, 1, "", "not YAML: " + firstLine(e));
        }
        return emptyMapping();
    }

    static Node emptyMapping() {
        return new MappingNode(Tag.MAP, List.of(), FlowStyle.BLOCK);
    }

    private static boolean depthIsBounded(String yaml, LoadSettings settings, Problems problems) {
        int depth = 0;
        for (Event event : new Parse(settings).parseString(yaml)) {
            if (event instanceof CollectionStartEvent && ++depth > MAX_DEPTH) {
                Optional<Mark> mark = event.getStartMark();
                problems.add(
                        mark.map(m -> m.getLine() + 1).orElse(1),
                        mark.map(m -> m.getColumn() + 1).orElse(1),
                        "",
                        "nested more than " + MAX_DEPTH + " deep");
                return false;
            } else if (event instanceof CollectionEndEvent) {
                depth--;
            }
        }
        return true;
    }

    private static String sentence(MarkedYamlEngineException e) {
        String context = e.getContext();
        return context == null || context.isBlank() ? e.getProblem() : e.getProblem() + ", " + context;
    }

    private static String firstLine(YamlEngineException e) {
        String message = String.valueOf(e.getMessage());
        return message.lines().findFirst().orElse(message);
    }
}
