package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.process.ProcessRule;
import io.tributary.config.ConfigReader;
import io.tributary.config.TypeName;
import io.tributary.config.Variants;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** README.md names every key and every metric, and none that is not there; every source has a sample with all its keys. */
final class ReadmeTest {
    private static final Path MODULE = Path.of(System.getProperty("tributary.root", ".."), "edge-agent");
    /** First cell of a row of a table. */
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `([a-z-]+(?:\\[])?(?:\\.[a-z-]+)*)` \\|");

    private static final Pattern NAMED = Pattern.compile("\\.name\\(\"(tributary_agent_[a-z_]+)\"\\)");
    private static final Pattern METRIC = Pattern.compile("tributary_agent_[a-z0-9_]+");
    /** Explained once for all sources. */
    private static final Set<String> COMMON = Set.of(
            "name",
            "listen",
            "allow-plaintext-off-loopback",
            "durability",
            "tls.certificate",
            "tls.key",
            "tls.ca",
            "tls.revocations");

    @Test
    void everyKey_hasItsRow() throws Exception {
        Set<String> keys = new TreeSet<>(COMMON);
        keys.addAll(Set.of("type", "schema"));
        keys(AgentConfig.class, "", keys);
        keys(ProcessRule.class, "process[].", keys);
        Set<String> shown = shown(section("## Configuration", "## Source `"));
        shown.removeAll(Set.of("synced", "written", "memory"));
        assertThat(shown).containsExactlyElementsOf(keys);
    }

    @TestFactory
    List<DynamicTest> everyKeyOfASource_hasItsRow() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Class<?> source : sources()) {
            String type = type(source);
            tests.add(DynamicTest.dynamicTest(type, () -> {
                Set<String> keys = new TreeSet<>();
                keys(source, "", keys);
                keys.removeAll(COMMON);
                assertThat(shown(section("## Source `" + type + "`", "\n## "))).containsExactlyElementsOf(keys);
            }));
        }
        return tests;
    }

    @TestFactory
    List<DynamicTest> everySource_hasASampleWithAllKeys() throws Exception {
        List<DynamicTest> tests = new ArrayList<>();
        for (Class<?> source : sources()) {
            String type = type(source);
            tests.add(DynamicTest.dynamicTest(type, () -> {
                Path file = MODULE.resolve("conf/sources/" + type + ".yaml");
                AgentConfig sample = ConfigReader.read(file, AgentConfig.class);
                assertThat(sample.sources()).hasAtLeastOneElementOfType(source);
                Set<String> keys = new TreeSet<>();
                keys(source, "", keys);
                String text = Files.readString(file);
                for (String key : keys) {
                    assertThat(text).contains(" " + key.substring(key.indexOf('.') + 1) + ":");
                }
            }));
        }
        return tests;
    }

    @Test
    void everyMetric_isListed() throws Exception {
        Set<String> registered = new TreeSet<>();
        try (Stream<Path> files = Files.walk(MODULE.resolve("src/main/java"))) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                String code = Files.readString(file);
                if (file.getFileName().toString().endsWith("Metrics.java")) {
                    registered(code, registered);
                }
                Matcher alone = NAMED.matcher(code);
                while (alone.find()) {
                    registered.add(alone.group(1));
                }
            }
        }
        Set<String> listed = new TreeSet<>();
        Matcher matcher = METRIC.matcher(readme());
        while (matcher.find()) {
            listed.add(matcher.group());
        }
        assertThat(listed).containsExactlyElementsOf(registered);
    }

    /** Names are written out, or behind a PREFIX as the only text in small letters and underscores. */
    private static void registered(String code, Set<String> metrics) {
        Matcher prefix =
                Pattern.compile("PREFIX = \"(tributary_agent_[a-z_]+_)\"").matcher(code);
        if (prefix.find()) {
            Matcher name = Pattern.compile(
                            "(?:(?:gauge|counter|histogram)\\(\\s*(?:registry,\\s*)?|PREFIX \\+ )\"([a-z_]+)\"")
                    .matcher(code);
            while (name.find()) {
                metrics.add(prefix.group(1) + name.group(1));
            }
        }
        Matcher whole = METRIC.matcher(code);
        while (whole.find()) {
            if (!whole.group().endsWith("_")) {
                metrics.add(whole.group());
            }
        }
    }

    private static List<Class<?>> sources() throws NoSuchMethodException {
        for (RecordComponent component : AgentConfig.class.getRecordComponents()) {
            Variants variants = component.getAnnotation(Variants.class);
            if (variants != null) {
                return List.of(variants.value());
            }
        }
        throw new NoSuchMethodException("AgentConfig has no component with variants");
    }

    private static String type(Class<?> source) {
        TypeName name = source.getAnnotation(TypeName.class);
        return name == null ? "?" : name.value();
    }

    private static void keys(Class<?> type, String prefix, Set<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key =
                    prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()
                    && !prefix.startsWith("process")
                    && component.getType().getPackageName().matches("io\\.tributary\\.(agent|tls).*")) {
                keys(component.getType(), key + ".", keys);
            } else {
                keys.add(key);
            }
        }
    }

    private static Set<String> shown(String section) {
        Set<String> shown = new TreeSet<>();
        Matcher matcher = KEY.matcher(section);
        while (matcher.find()) {
            shown.add(matcher.group(1));
        }
        return shown;
    }

    private static String section(String from, String to) throws Exception {
        String text = readme();
        int start = text.indexOf(from);
        assertThat(start).as(from).isNotNegative();
        return text.substring(start, text.indexOf(to, start + from.length()));
    }

    private static String readme() throws Exception {
        return Files.readString(MODULE.resolve("README.md"));
    }
}
