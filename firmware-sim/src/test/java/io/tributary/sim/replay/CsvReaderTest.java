package io.tributary.sim.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CsvReaderTest {
    @Test
    void fields_are_split_and_unquoted() throws Exception {
        assertThat(records("a,b,c\n1,\"x,y\",\"say \"\"hi\"\"\"\n"))
                .containsExactly("1:[a|b|c]", "2:[1|x,y|say \"hi\"]");
    }

    @Test
    void any_line_end_ends_a_record_and_blank_lines_are_skipped() throws Exception {
        assertThat(records("a,b\r\n\r\n1,2\r3,4\n\n5,6")).containsExactly("1:[a|b]", "3:[1|2]", "4:[3|4]", "6:[5|6]");
    }

    @Test
    void empty_fields_stay() throws Exception {
        assertThat(records(",,\n\"\",x,")).containsExactly("1:[||]", "2:[|x|]");
        assertThat(records("")).isEmpty();
        assertThat(records("\n\r\n\n")).isEmpty();
    }

    @Test
    void quoted_line_breaks_belong_to_the_field_and_lines_are_counted_on() throws Exception {
        assertThat(records("a,\"one\ntwo\"\nb,c\n")).containsExactly("1:[a|one\ntwo]", "3:[b|c]");
    }

    @Test
    void broken_quotes_are_told_and_the_rest_goes_on() throws Exception {
        assertThat(records("a,\"b\"x,c\n1,2,3\n")).containsExactly("1: text after a closing quote", "2:[1|2|3]");
        assertThat(records("1,2\na,\"b\nc,d\n")).containsExactly("1:[1|2]", "2: a quote is not closed");
    }

    @Test
    void a_record_without_end_is_bounded() throws Exception {
        String text = "a,\"" + "x".repeat(CsvReader.RECORD_CHARS_MAX + 10) + "\n1,2\n";
        assertThat(records(text))
                .containsExactly("1: a record longer than " + CsvReader.RECORD_CHARS_MAX + " characters", "2:[1|2]");
    }

    @Test
    void fields_across_buffers_are_whole() throws Exception {
        String longField = "0123456789".repeat(5000);
        assertThat(records("a," + longField + ",\"" + longField + "\"\r\nb,c,d"))
                .containsExactly("1:[a|" + longField + "|" + longField + "]", "2:[b|c|d]");
    }

    @Test
    void other_delimiters_and_comment_lines() throws Exception {
        CsvReader reader = new CsvReader(new StringReader("# one\n#two\r\na;b\n"), ';', '\'');
        assertThat(reader.skipLineStartingWith("#")).isTrue();
        assertThat(reader.skipLineStartingWith("#")).isTrue();
        assertThat(reader.skipLineStartingWith("#")).isFalse();
        assertThat(reader.next()).isTrue();
        assertThat(reader.fields()).containsExactly("a", "b");
        assertThat(reader.line()).isEqualTo(3);
    }

    private static List<String> records(String text) throws IOException {
        CsvReader reader = new CsvReader(new StringReader(text), ',', '"');
        List<String> records = new ArrayList<>();
        while (reader.next()) {
            String shown =
                    reader.fault().isEmpty() ? "[" + String.join("|", reader.fields()) + "]" : " " + reader.fault();
            records.add(reader.line() + ":" + shown);
        }
        return records;
    }
}
