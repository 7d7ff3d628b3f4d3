package io.tributary.sim.replay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tributary.config.ConfigReader;
import io.tributary.sim.row.Row;
import io.tributary.sim.row.RowStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayFilesTest {
    private static final String SIMPLE = """
            device: {column: id}
            time: {columns: [t], epoch: s}
            missing: [NA, '']
            channels:
              - {column: x}
              - {column: n, type: long, unit: m}
              - {column: b, type: bool}
              - {column: s, name: text, type: string}
            """;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    private final List<String> told = new ArrayList<>();
    private final DataFaults faults = new DataFaults(told::add);

    @Test
    void cells_become_values_of_their_type_and_missing_ones_are_absent() throws Exception {
        Path file = write(
                "a.csv", "\ufeffid,t,x,n,b,s\r\nd1,1,-0.0,7,true,\"a, b\"\r\nd2,2,NA,,0,NA\r\nd3,3,NA,NA,NA,NA\r\n");
        assertThat(rows(SIMPLE, file))
                .containsExactly("d1@1000000000 x=-0.0 n=7 b=true text=a, b", "d2@2000000000 b=false");
        assertThat(told).isEmpty();
    }

    @Test
    void malformed_cells_are_told_with_their_place_and_the_rest_goes_on() throws Exception {
        Path file = write("a.csv", """
                id,t,x,n,b,s
                d1,1,1d,7,true,s
                d1,2,1.5,7.5,maybe,s
                d1,x,1,1,1,s
                d1,3,1
                d1,4,1,1,1,s,extra
                ,5,1,1,1,s
                d1,6,Infinity,1,1,s
                d1,7,2,2,1,s
                """);
        assertThat(rows(SIMPLE, file))
                .containsExactly(
                        "d1@1000000000 n=7 b=true text=s",
                        "d1@2000000000 x=1.5 text=s",
                        "d1@6000000000 n=1 b=true text=s",
                        "d1@7000000000 x=2.0 n=2 b=true text=s");
        assertThat(told)
                .containsExactly(
                        file + ":2: column 3 (x): \"1d\" is not a number",
                        file + ":3: column 4 (n): \"7.5\" is not a whole number of 64 bits",
                        file + ":3: column 5 (b): \"maybe\" is neither true nor false",
                        file + ":4: time \"x\" in column 2 is no number since 1970; row skipped",
                        file + ":5: 3 columns, expected 6; row skipped",
                        file + ":6: 7 columns, expected 6; row skipped",
                        file + ":7: no device ID in column 1; row skipped",
                        file + ":8: column 3 (x): \"Infinity\" is not a number");
        assertThat(faults.cells()).isEqualTo(4);
        assertThat(faults.rows()).isEqualTo(4);
    }

    @Test
    void only_the_first_faults_are_told() throws Exception {
        Path file = write("a.csv", "id,t,x,n,b,s\n" + "d,1,x,,,\n".repeat(100));
        assertThat(rows(SIMPLE, file)).isEmpty();
        assertThat(told).hasSize(21);
        assertThat(faults.cells()).isEqualTo(100);
    }

    @Test
    void a_file_that_the_mapping_does_not_fit_is_an_error_at_once() throws Exception {
        Path file = write("a.csv", "id,t,x,n,b\nd,1,1,1,1\n");
        assertThatThrownBy(() -> rows(SIMPLE, file)).hasMessage(file + ": has no column \"s\"; it has id, t, x, n, b");
        Path empty = write("b.csv", "");
        assertThatThrownBy(() -> rows(SIMPLE, empty)).hasMessageContaining("is empty");
        Path other = write("c.txt", "");
        ReplayFiles noMapping = new ReplayFiles(List.of(other), null, ReplayFiles.Merge.EVENT_TIME);
        assertThatThrownBy(() -> noMapping.open(faults)).hasMessageContaining("needs a mapping");
    }

    @ParameterizedTest
    @CsvSource({
        "'{columns: [t], epoch: ms}', 1700000000123, 2023-11-14T22:13:20.123Z",
        "'{columns: [t], epoch: us}', 1700000000123456, 2023-11-14T22:13:20.123456Z",
        "'{columns: [t], epoch: ns}', -1, 1969-12-31T23:59:59.999999999Z",
        "'{columns: [t], epoch: s}', 1700000000.5, 2023-11-14T22:13:20.5Z",
        "'{columns: [t], pattern: yyyy-MM-dd HH:mm:ss}', 2024-02-29 23:59:59, 2024-02-29T23:59:59Z",
        "'{columns: [t], pattern: yyyy-MM-dd}', 2024-02-29, 2024-02-29T00:00:00Z",
        "'{columns: [t], pattern: dd.MM.yyyy HH:mm, zone: +08:00}', 01.01.2024 00:00, 2023-12-31T16:00:00Z",
        "'{columns: [t], pattern: yyyy-MM-dd HH:mm:ssXXX}', 2024-01-01 00:00:00+05:30, 2023-12-31T18:30:00Z",
        // Clocks go back: the first of two. They go forward: as if they had not.
        "'{columns: [t], pattern: yyyy-MM-dd HH:mm, zone: Europe/Berlin}', 2024-10-27 02:30, 2024-10-27T00:30:00Z",
        "'{columns: [t], pattern: yyyy-MM-dd HH:mm, zone: Europe/Berlin}', 2024-03-31 02:30, 2024-03-31T01:30:00Z",
        "'{columns: [t], pattern: yyyy-MM-dd HH:mm, zone: America/New_York}', 2024-07-01 12:00, 2024-07-01T16:00:00Z",
    })
    void times_are_read_as_utc(String time, String text, String expected) throws Exception {
        Path file = write("a.csv", "t,x\n" + text + ",1\n");
        Instant instant = Instant.parse(expected);
        assertThat(rows("device: {id: d}\ntime: " + time + "\nchannels: [{column: x}]\n", file))
                .containsExactly("d@" + (instant.getEpochSecond() * 1_000_000_000L + instant.getNano()) + " x=1.0");
    }

    @Test
    void times_out_of_range_are_told() throws Exception {
        Path file = write("a.csv", "t,x\n99999999999,1\n2024-13-01,1\n");
        assertThat(rows("device: {id: d}\ntime: {columns: [t], epoch: s}\nchannels: [{column: x}]\n", file))
                .isEmpty();
        assertThat(told.get(0)).contains("is outside the years 1678 to 2261");
    }

    @Test
    void files_without_header_and_with_comments_and_the_device_in_the_name() throws Exception {
        String mapping = """
                delimiter: "\\t"
                header: false
                columns: [year, month, day, hour, x]
                comment: '#'
                device: {file-name: 'station-(.+)-20..\\.tsv', prefix: 'cn/', tags: {site: beijing}}
                time: {columns: [year, month, day, hour], pattern: y M d H, zone: +08:00}
                channels: [{column: x}]
                """;
        Path file = gzip("station-Gucheng-2017.tsv.gz", "# made by hand\n#\n2017\t3\t1\t0\t5\n2017\t3\t1\t13\t6");
        long first = Instant.parse("2017-02-28T16:00:00Z").getEpochSecond() * 1_000_000_000L;
        assertThat(rows(mapping, file))
                .containsExactly(
                        "cn/Gucheng@" + first + " x=5.0", "cn/Gucheng@" + (first + 13 * 3600_000_000_000L) + " x=6.0");
        Path stranger = write("other.tsv", "1\t1\t1\t1\t1\n");
        assertThatThrownBy(() -> rows(mapping, stranger)).hasMessageContaining("does not match");
    }

    @Test
    void several_files_are_merged_by_event_time_and_each_keeps_its_order() throws Exception {
        String mapping = "device: {file-name: '(.)\\.csv'}\ntime: {columns: [t], epoch: ns}\nchannels: [{column: x}]\n";
        Path a = write("a.csv", "t,x\n1,1\n5,2\n3,3\n9,4\n");
        Path b = write("b.csv", "t,x\n2,1\n4,2\n10,3\n");
        Path c = write("c.csv", "t,x\n");
        Mapping read = ConfigReader.parse(mapping, "mapping", Mapping.class);
        assertThat(strings(new ReplayFiles(List.of(a, b, c), read, ReplayFiles.Merge.EVENT_TIME)))
                .containsExactly(
                        "a@1 x=1.0", "b@2 x=1.0", "b@4 x=2.0", "a@5 x=2.0", "a@3 x=3.0", "a@9 x=4.0", "b@10 x=3.0");
        assertThat(strings(new ReplayFiles(List.of(a, b, c), read, ReplayFiles.Merge.ROUND_ROBIN)))
                .containsExactly(
                        "a@1 x=1.0", "b@2 x=1.0", "a@5 x=2.0", "b@4 x=2.0", "a@3 x=3.0", "b@10 x=3.0", "a@9 x=4.0");
        assertThat(new ReplayFiles(List.of(a, b, c), read, ReplayFiles.Merge.EVENT_TIME).span())
                .isEqualTo(new ReplayFiles.Span(1, 10));
    }

    @Test
    void line_protocol_needs_no_mapping() throws Exception {
        Path file = write("a.lp", """
                # a comment
                m,device=d\\ 1,site=a\\,b x=1.5,n=3i,u=7u,ok=t,s="q \\"x\\" \\\\ ,=" 17
                m,device=d2 x=1 18

                m,site=a x=1 19
                m,device=d x=1
                m,device=d x=abc 20
                m,device=d x 20
                m,device=d x="open 20
                """);
        assertThat(strings(new ReplayFiles(List.of(file), null, ReplayFiles.Merge.EVENT_TIME)))
                .containsExactly("d 1@17 x=1.5 n=3 u=7 ok=true s=q \"x\" \\ ,=", "d2@18 x=1.0");
        assertThat(faults.rows()).isEqualTo(5);
        assertThat(told.get(0)).isEqualTo(file + ":5: no device ID in the tag \"device\"; row skipped");
    }

    private List<String> rows(String mapping, Path file) throws Exception {
        Mapping read = ConfigReader.parse(mapping, "mapping", Mapping.class);
        return strings(new ReplayFiles(List.of(file), read, ReplayFiles.Merge.EVENT_TIME));
    }

    private List<String> strings(ReplayFiles files) throws IOException {
        List<String> all = new ArrayList<>();
        try (RowStream rows = files.open(faults)) {
            for (Row row = rows.next(); row != null; row = rows.next()) {
                all.add(row.toString());
            }
            assertThat(rows.fraction()).isEqualTo(1);
        }
        return all;
    }

    private Path write(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Path gzip(String name, String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return Files.write(directory.resolve(name), bytes.toByteArray());
    }
}
