package io.tributary.collector;

import static org.assertj.core.api.Assertions.assertThat;

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
    private static final Path MODULE = Path.of(System.getProperty("tributary.root", ".."), "cloud-collector");
    /** First cell of a row of a table. */
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `([a-z-]+(?:\\.[a-z-]+)?)` \\|");

    private static final Pattern METRIC = Pattern.compile("tributary_collector_[a-z_]*[a-z]\\b");
    /** A metric whose prefix stands elsewhere in its file. */
    private static final Pattern SUFFIX =
            Pattern.compile("(?:\\b(?:counter|gauge)\\(\\s*(?:registry,\\s*)?|PREFIX \\+ )\"([a-z_]+)\"");

    private static final Pattern PREFIX = Pattern.compile("\"(tributary_collector_[a-z]+_)\"");

    @Test
    void everyKey_hasItsRow() throws Exception {
        Set<String> keys = new TreeSet<>();
        keys(CollectorConfig.class, "", keys);

        assertThat(matches(KEY, section("## Configuration", "## The ingest protocol")))
                .containsExactlyElementsOf(keys);
    }

    @Test
    void everyMetric_isListed() throws Exception {
        Set<String> registered = new TreeSet<>();
        try (Stream<Path> files = Files.walk(MODULE.resolve("src/main/java"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String text = Files.readString(file);
                matches(METRIC, text).stream()
                        .filter(name -> text.contains('"' + name + '"'))
                        .forEach(registered::add);
                for (String prefix : matches(PREFIX, text)) {
                    matches(SUFFIX, text).forEach(suffix -> registered.add(prefix + suffix));
                }
            }
        }

        assertThat(matches(METRIC, section("## Metrics", "Worth an alert"))).containsExactlyElementsOf(registered);
    }

    private static void keys(Class<?> type, String prefix, Set<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key =
                    prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()
                    && component.getType().getPackageName().startsWith("io.tributary.collector")) {
                keys(component.getType(), key + ".", keys);
            } else {
                keys.add(key);
            }
        }
    }

    private static Set<String> matches(Pattern pattern, String text) {
        Set<String> found = new TreeSet<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(matcher.groupCount()));
        }
        return found;
    }

    private static String section(String from, String to) throws Exception {
        String text = Files.readString(MODULE.resolve("README.md"));
        return text.substring(text.indexOf(from), text.indexOf(to));
    }
}
