package io.tributary.agent.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class AddressTemplateTest {
    private static String shown(Message.Names names) {
        return names.device() + "|" + names.channel() + "|" + new TreeMap<>(names.tags());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            nullValues = "-",
            value = {
                "plant/{tag:line}/{device}/{channel};plant/a/press4/temp;press4|temp|{line=a}",
                "plant/{tag:line}/{device}/{channel};plant/a/press4;-",
                "plant/{tag:line}/{device}/{channel};plant/a/press4/temp/x;-",
                "plant/{tag:line}/{device}/{channel};works/a/press4/temp;-",
                "plant/{tag:line}/{device}/{channel};plant//press4/temp;-",
                "{device};w7;w7||{}",
                "/v1/{device}/readings;/v1/w7/readings;w7||{}",
                "/v1/{device}/readings;v1/w7/readings;-",
                "+/{device}/#;a/b;b||{}",
                "a//b;a//b;||{}",
                "a/+/b;a//b;||{}",
                "a/#;a;||{}",
                "a/#;a/;||{}",
                "a/#;a/b/c;||{}",
                "a/#;ab;-",
                "#;any/thing;||{}",
                "#;$SYS/broker;-",
                "{device}/x;$SYS/x;-",
                "$SYS/{device};$SYS/x;x||{}",
                "a/{device};a/größe 7;größe 7||{}",
                "a;a/;-",
                "a/;a;-",
            })
    void matches(String template, String address, @Nullable String expected) {
        Message.Names names = AddressTemplate.parse(template).match(address);
        assertThat(names == null ? null : shown(names)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "plant/{tag:line}/{device}/+/{channel};plant/+/+/+/+",
                "{device}/#;+/#",
                "#;#",
                "/a/b;/a/b",
            })
    void subscription_bringsWhatCanMatch(String template, String filter) {
        AddressTemplate parsed = AddressTemplate.parse(template);
        assertThat(parsed.subscription()).isEqualTo(filter);
        assertThat(parsed.toString()).isEqualTo(template);
        assertThat(parsed).isEqualTo(AddressTemplate.parse(template)).hasSameHashCodeAs(template);
        assertThat(parsed.namesDevice()).isEqualTo(template.contains("{device}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "a/#/b;segment 2 is #, expected it at the end only",
                "{device}/{device};segment 2 is {device} again, expected it once",
                "{tag:a}/x/{tag:a};segment 3 is {tag:a} again, expected it once",
                "a/x{device};segment 2 is \"x{device}\", expected a literal, or as the whole segment {device}, {channel}, {tag:NAME}, + or #",
                "a/{devise};segment 2 is \"{devise}\", expected a literal",
                "a/{tag:};segment 2 is \"{tag:}\", expected",
                "a/b+;segment 2 is \"b+\", expected",
            })
    void badTemplate_saysWhichSegment(String template, String message) {
        assertThatThrownBy(() -> AddressTemplate.parse(template))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void emptyTemplate_isRefused() {
        assertThatThrownBy(() -> AddressTemplate.parse("")).isInstanceOf(IllegalArgumentException.class);
    }

    @FuzzTest
    void anyTemplateAndAddress_matchOrNot(byte[] bytes) {
        String text = new String(bytes, java.nio.charset.StandardCharsets.UTF_8);
        int middle = text.length() / 2;
        try {
            AddressTemplate template = AddressTemplate.parse(text.substring(0, middle));
            template.match(text.substring(middle));
            assertThat(template.subscription()).doesNotContain("{");
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).isNotEmpty();
        }
    }
}
