package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.process.ProcessRule;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** README.md names every key and every metric, and none that is not there. */
final class ReadmeTest {
    private static final Path MODULE = Path.of(System.getProperty("tributary.root", ".."), "edge-agent");
    /** First cell of a row of a table. */
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `([a-z-]+(?:\\[])?(?:\\.[a-z-]+)?)` \\|");

    private static final Pattern METRIC = Pattern.compile("tributary_agent_[a-z_]+");

    @Test
    void everyKey_hasItsRow() throws Exception {
        Set<String> keys = new TreeSet<>(Set.of("type"));
        keys(AgentConfig.class, "", keys);
        keys.add("schema");
        keys(ProcessRule.class, "process[].", keys);
        for (Class<?> source : SourceConfig.class.getPermittedSubclasses()) {
            keys(source, "", keys);
        }
        keys.removeAll(Set.of("frame-bytes-max")); // in a sentence
        assertThat(readme()).contains("`frame-bytes-max`");

        Set<String> shown = new TreeSet<>();
        Matcher matcher = KEY.matcher(section("## Configuration", "## Forwarding"));
        while (matcher.find()) {
            shown.add(matcher.group(1));
        }
        shown.removeAll(Set.of("synced", "written", "memory", "result"));
        assertThat(shown).containsExactlyElementsOf(keys);
    }

    @Test
    void everyMetric_isListed() throws Exception {
        Set<String> registered = new TreeSet<>();
        String wiring = Files.readString(MODULE.resolve("src/main/java/io/tributary/agent/Agent.java"));
        try (Stream<Path> files = Files.walk(MODULE.resolve("src/main/java"))) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                boolean inside = file.toString().matches(".*/(outbox|uplink|process)/.*");
                if (name.endsWith("Metrics.java") && (inside || wiring.contains(name.replace(".java", "(")))) {
                    collect(Files.readString(file), registered);
                }
            }
        }
        Set<String> listed = new TreeSet<>();
        collect(section("## Metrics", "Of the HTTP server"), listed);
        assertThat(listed).containsExactlyElementsOf(registered);
    }

    private static void keys(Class<?> type, String prefix, Set<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key =
                    prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()
                    && !prefix.startsWith("process")
                    && component.getType().getPackageName().startsWith("io.tributary.agent")) {
                keys(component.getType(), key + ".", keys);
            } else {
                keys.add(key);
            }
        }
    }

    private static void collect(String text, Set<String> metrics) {
        Matcher matcher = METRIC.matcher(text);
        while (matcher.find()) {
            metrics.add(matcher.group());
        }
    }

    private static String section(String from, String to) throws Exception {
        String text = readme();
        return text.substring(text.indexOf(from), text.indexOf(to));
    }

    private static String readme() throws Exception {
        return Files.readString(MODULE.resolve("README.md"));
    }
}
