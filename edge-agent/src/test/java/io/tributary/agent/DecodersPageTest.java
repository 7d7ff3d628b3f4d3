package io.tributary.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.tributary.agent.decode.DecoderConfig;
import io.tributary.config.TypeName;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** DECODERS.md names every decoder and every key of it. */
final class DecodersPageTest {
    private static final Path PAGE = Path.of(System.getProperty("tributary.root", ".."), "edge-agent", "DECODERS.md");
    private static final Pattern KEY = Pattern.compile("(?m)^\\| `([a-z-]+(?:\\.[a-z-]+)?)` \\|");

    @Test
    void everyDecoder_hasASectionWithItsKeys() throws Exception {
        String page = Files.readString(PAGE);
        checked(DecoderConfig.class, page);
    }

    private static void checked(Class<?> sealed, String page) {
        for (Class<?> decoder : sealed.getPermittedSubclasses()) {
            TypeName type = decoder.getAnnotation(TypeName.class);
            if (type == null) {
                checked(decoder, page);
                continue;
            }
            Matcher heading =
                    Pattern.compile("(?m)^## .*`" + type.value() + "`.*$").matcher(page);
            assertThat(heading.find()).as(type.value()).isTrue();
            int end = page.indexOf("\n## ", heading.end());
            Matcher matcher = KEY.matcher(page.substring(heading.end(), end < 0 ? page.length() : end));
            Set<String> shown = new TreeSet<>();
            while (matcher.find()) {
                shown.add(matcher.group(1));
            }
            Set<String> keys = new TreeSet<>();
            keys(decoder, "", keys);
            assertThat(shown).as(type.value()).containsExactlyElementsOf(keys);
        }
    }

    private static void keys(Class<?> type, String prefix, Set<String> keys) {
        for (RecordComponent component : type.getRecordComponents()) {
            String key =
                    prefix + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord()
                    && component.getType().getPackageName().endsWith(".decode")) {
                keys(component.getType(), key + ".", keys);
            } else {
                keys.add(key);
            }
        }
    }
}
