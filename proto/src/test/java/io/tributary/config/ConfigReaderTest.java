package io.tributary.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ConfigReaderTest {
    record Plant(
            String name,
            @Default("true") boolean enabled,
            @Default("3") int retries,
            @Default("9000000000") long big,
            @Default("0.5") double ratio,
            @Default("written-only") Durability durability,
            @Default("1h30m") Duration linger,
            @Default("64MiB") ByteSize budget,
            @Default("127.0.0.1:0") HostPort listen,
            @Default("/var/lib/x") Path data,
            @Default("UTC") ZoneId zone,
            Limits limits,
            @Nullable Secret token,
            @Nullable Integer optional,
            @Default("[]") List<String> tags,
            @Default("{}") Map<String, Integer> weights,
            @Default("[]") List<Inlet> inlets,
            @Nullable Nested nested) {
        Plant {
            if (retries > 100) {
                throw new IllegalArgumentException("retries " + retries + ", expected at most 100");
            }
        }
    }

    enum Durability {
        SYNCED,
        WRITTEN_ONLY
    }

    record Limits(
            @Default("10") int maxConnections,
            @Default("1MiB") ByteSize maxBody) {
        Limits {
            if (maxConnections < 1) {
                throw new IllegalArgumentException("max-connections " + maxConnections + ", expected at least 1");
            }
        }
    }

    record Nested(String required, @Default("1") int other) {}

    sealed interface Inlet permits Tcp, Mqtt {}

    @TypeName("tcp")
    record Tcp(HostPort listen, @Default("5s") Duration idle) implements Inlet {}

    @TypeName("mqtt")
    record Mqtt(String topic, @Default("1") int qos) implements Inlet {}

    private static Plant parse(String yaml) throws ConfigException {
        Map<String, String> environment = Map.of("PORT", "1234", "TOKEN", "s3cret");
        return ConfigReader.parse(yaml, "plant.yaml", Plant.class, environment::get);
    }

    private static List<String> problems(String yaml) {
        ConfigException e = catchThrowableOfType(ConfigException.class, () -> parse(yaml));
        assertThat(e).as("problems of %s", yaml).isNotNull();
        return e.problems().stream().map(ConfigProblem::toString).toList();
    }

    @Test
    void defaults_fillWhatIsAbsent() throws ConfigException {
        Plant plant = parse("name: x\nlimits:\n");

        assertThat(plant)
                .isEqualTo(new Plant(
                        "x",
                        true,
                        3,
                        9_000_000_000L,
                        0.5,
                        Durability.WRITTEN_ONLY,
                        Duration.ofMinutes(90),
                        ByteSize.ofMebibytes(64),
                        new HostPort("127.0.0.1", 0),
                        Path.of("/var/lib/x"),
                        ZoneId.of("UTC"),
                        new Limits(10, ByteSize.ofMebibytes(1)),
                        null,
                        null,
                        List.of(),
                        Map.of(),
                        List.of(),
                        null));
    }

    @Test
    void allTypes_areBound() throws ConfigException {
        Plant plant = parse("""
                # A comment
                name: "the \\"plant\\""
                enabled: false
                retries: 0x10
                big: -5
                ratio: 1e3
                durability: synced
                linger: 500ms
                budget: 1.5KiB
                listen: "[::1]:${env:PORT}"
                data: data/here
                zone: Asia/Shanghai
                limits: {max-connections: 7}
                token: ${env:TOKEN}
                optional: 12
                tags: [a, 2, true]
                weights:
                  one: 1
                  two: 2
                inlets:
                  - type: tcp
                    listen: localhost:9441
                  - topic: a/#
                    type: mqtt
                nested: {required: "$${env:PORT}"}
                """);

        assertThat(plant.name()).isEqualTo("the \"plant\"");
        assertThat(plant.enabled()).isFalse();
        assertThat(plant.retries()).isEqualTo(16);
        assertThat(plant.big()).isEqualTo(-5);
        assertThat(plant.ratio()).isEqualTo(1000.0);
        assertThat(plant.durability()).isEqualTo(Durability.SYNCED);
        assertThat(plant.linger()).isEqualTo(Duration.ofMillis(500));
        assertThat(plant.budget().bytes()).isEqualTo(1536);
        assertThat(plant.listen()).isEqualTo(new HostPort("::1", 1234)).hasToString("[::1]:1234");
        assertThat(plant.data()).isEqualTo(Path.of("data/here"));
        assertThat(plant.zone()).isEqualTo(ZoneId.of("Asia/Shanghai"));
        assertThat(plant.limits().maxConnections()).isEqualTo(7);
        assertThat(plant.token()).isEqualTo(new Secret("s3cret"));
        assertThat(plant.toString()).doesNotContain("s3cret");
        assertThat(plant.optional()).isEqualTo(12);
        assertThat(plant.tags()).containsExactly("a", "2", "true");
        assertThat(plant.weights()).containsExactly(Map.entry("one", 1), Map.entry("two", 2));
        assertThat(plant.inlets())
                .containsExactly(new Tcp(new HostPort("localhost", 9441), Duration.ofSeconds(5)), new Mqtt("a/#", 1));
        assertThat(plant.nested()).isEqualTo(new Nested("${env:PORT}", 1));
    }

    @Test
    void everyProblem_isToldAtOnceInOrderOfTheFile() {
        assertThat(problems("""
                        retires: 3
                        enabled: maybe
                        inlets:
                          - type: tcq
                          - type: tcp
                            listen: nowhere
                            idel: 5s
                        limits:
                          max-connections: 0
                        linger: 10
                        """))
                .containsExactly(
                        "plant.yaml:1:1: name: missing, expected a text",
                        "plant.yaml:1:1: retires: unknown key; did you mean \"retries\"?",
                        "plant.yaml:2:10: enabled: \"maybe\": expected true or false",
                        "plant.yaml:4:11: inlets[0].type: unknown type \"tcq\"; did you mean \"tcp\"?",
                        "plant.yaml:6:13: inlets[1].listen: \"nowhere\": expected host:port, for example 127.0.0.1:9440"
                                + " or [::1]:9440",
                        "plant.yaml:7:5: inlets[1].idel: unknown key; did you mean \"idle\"?",
                        "plant.yaml:9:3: limits: max-connections 0, expected at least 1",
                        "plant.yaml:10:9: linger: \"10\": expected a duration with its unit (ns, us, ms, s, m, h, d),"
                                + " for example 500ms, 10s or 1h30m");
    }

    static Stream<Arguments> faults() {
        return Stream.of(
                Arguments.of("retries: '3'", "retries: \"3\": expected a whole number, without quotes"),
                Arguments.of("retries: 3.5", "\"3.5\": expected a whole number from -2147483648 to 2147483647"),
                Arguments.of("retries: 3000000000", "expected a whole number from -2147483648 to 2147483647"),
                Arguments.of("retries: [1]", "retries: a list, expected a whole number"),
                Arguments.of("retries: 101", "plant.yaml:1:1: retries 101, expected at most 100"),
                Arguments.of("big: 99999999999999999999", "expected a whole number from -92"),
                Arguments.of("ratio: .nan", "expected a finite number"),
                Arguments.of("ratio: 1e999", "expected a finite number"),
                Arguments.of("ratio: 1d", "expected a finite number"),
                Arguments.of("enabled: yes", "\"yes\": expected true or false"),
                Arguments.of(
                        "durability: syncd",
                        "durability: \"syncd\": expected one of synced, written-only; did you mean \"synced\"?"),
                Arguments.of("durability: WRITTEN_ONLY", "did you mean \"written-only\"?"),
                Arguments.of("linger: 1y", "expected a duration"),
                Arguments.of("linger: 999999999999d", "expected a duration below 292 years"),
                Arguments.of("linger: -1s", "expected a duration"),
                Arguments.of("budget: 64", "expected a size with its unit"),
                Arguments.of("budget: 64mb", "expected a size with its unit"),
                Arguments.of("budget: 0.3B", "expected a whole number of bytes"),
                Arguments.of("budget: 99999999TiB", "expected a whole number of bytes below"),
                Arguments.of("listen: a:70000", "port 70000, expected 0 to 65535"),
                Arguments.of("listen: '::1:80'", "expected host:port"),
                Arguments.of("listen: ':80'", "expected host:port"),
                Arguments.of("listen: 'a:+80'", "expected host:port"),
                Arguments.of("listen: {host: a}", "listen: a mapping, expected a value of type hostport"),
                Arguments.of("zone: Mars/Base", "expected a time zone"),
                Arguments.of("data: ''", "expected a path"),
                Arguments.of("tags: a", "tags: \"a\", expected a list"),
                Arguments.of("tags: [a, [b]]", "tags[1]: a list, expected a text"),
                Arguments.of("tags: [a, ]\nweights: {a: x}", "weights.a: \"x\": expected a whole number"),
                Arguments.of("weights: {a: 1, a: 2}", "3:17: weights.a: duplicate key, first in line 3"),
                Arguments.of("weights: {[a]: 1}", "a list as a key, expected a text"),
                Arguments.of("retries: 1\nretries: 2", "4:1: retries: duplicate key, first in line 3"),
                Arguments.of("inlets: [{listen: 'a:1'}]", "inlets[0].type: missing, expected one of tcp, mqtt"),
                Arguments.of("inlets: [3]", "inlets[0]: \"3\", expected a mapping with the key \"type\""),
                Arguments.of("inlets: [{type: [tcp]}]", "inlets[0].type: a list, expected a text"),
                Arguments.of("inlets: [{type: tcp}]", "inlets[0].listen: missing, expected a value of type hostport"),
                Arguments.of("nested: {other: 2}", "3:9: nested.required: missing, expected a text"),
                Arguments.of("nested: 5", "nested: \"5\", expected a mapping"),
                Arguments.of("token: ${env:NOPE}", "environment variable \"NOPE\" is not set"),
                Arguments.of("token: ${file:/does/not/exist}", "file \"/does/not/exist\" cannot be read"),
                Arguments.of("token: ${vault:x}", "unknown reference \"${vault:x}\""),
                Arguments.of("token: \"${env:TOKEN\"", "has \"${\" without \"}\""),
                Arguments.of("retries: ${env:TOKEN}", "retries: \"${env:TOKEN}\": expected a whole number"),
                Arguments.of("wholly-different: 1", "unknown key; known here: name, enabled, retries"),
                Arguments.of("tags: [a", "not YAML: "),
                Arguments.of("a: b: c", "not YAML: mapping values are not allowed here"),
                Arguments.of("tags: *nowhere", "not YAML: found undefined alias"),
                Arguments.of("...\n---\nname: again", "not YAML: "),
                Arguments.of("\ttags: []", "not YAML: "),
                Arguments.of("tags: " + "[".repeat(100_000), "nested more than 64 deep"),
                Arguments.of("tags: \"\\u0000\"\nnope: \"x", "not YAML: "));
    }

    @ParameterizedTest
    @MethodSource("faults")
    void fault_isToldWithPlaceAndExpectation(String yaml, String message) {
        List<String> problems = problems("limits: {}\nname: x\n" + yaml);

        assertThat(problems)
                .anySatisfy(
                        problem -> assertThat(problem).startsWith("plant.yaml:").contains(message));
        assertThat(problems).allSatisfy(problem -> assertThat(problem).doesNotContain("s3cret"));
    }

    @Test
    void aliasBomb_isRefusedQuickly() {
        StringBuilder yaml = new StringBuilder("name: x\n");
        yaml.append("a0: &a0 [x]\n");
        for (int i = 1; i < 60; i++) {
            yaml.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
        }

        assertThat(problems(yaml.toString())).singleElement().asString().contains("aliases");
    }

    record Wide(List<List<List<List<String>>>> deep) {}

    @Test
    void aliases_thatExpandTooFar_areRefused() {
        String row = "*r,".repeat(11) + "*r";
        String yaml = "deep: [&p [&q [&r [" + "x,".repeat(2000) + "x]," + row + "]," + row.replace('r', 'q') + "],"
                + row.replace('r', 'p') + "]\n";

        assertThatThrownBy(() -> ConfigReader.parse(yaml, "wide.yaml", Wide.class))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("aliases expand to more than 100000 values");
    }

    @Test
    void alias_repeatsAValue() throws ConfigException {
        Plant plant = parse("name: &n north\ntags: [*n]\n");

        assertThat(plant.tags()).containsExactly("north");
    }

    @Test
    void mergeKey_addsWhatIsNotThere() throws ConfigException {
        Plant plant = parse("name: x\ninlets: [&i {type: tcp, listen: 'a:1'}, {<<: *i, idle: 1s}]\n");

        assertThat(plant.inlets())
                .containsExactly(
                        new Tcp(new HostPort("a", 1), Duration.ofSeconds(5)),
                        new Tcp(new HostPort("a", 1), Duration.ofSeconds(1)));
    }

    @Test
    void emptyDocument_isAMappingWithoutKeys() throws ConfigException {
        assertThat(ConfigReader.parse("# nothing\n", "empty.yaml", Limits.class).maxConnections())
                .isEqualTo(10);
        assertThat(problems("")).containsExactly("plant.yaml:1:1: name: missing, expected a text");
    }

    @Test
    void manyProblems_areCutWithTheirCount() {
        StringBuilder yaml = new StringBuilder("name: x\n");
        for (int i = 0; i < 1000; i++) {
            yaml.append("zzzzzzzzzzzzzz").append(i).append(": 1\n");
        }

        assertThat(problems(yaml.toString())).hasSize(201).last().isEqualTo("plant.yaml: 800 more problems");
    }

    @Test
    void file_isReadWithSecretsFromFiles(@TempDir Path folder) throws IOException, ConfigException {
        Path secret = Files.writeString(folder.resolve("token"), "s3cret\n");
        Path file = Files.writeString(folder.resolve("c.yaml"), "name: ü\ntoken: ${file:" + secret + "}\n");

        Plant plant = ConfigReader.read(file, Plant.class);

        assertThat(plant.name()).isEqualTo("ü");
        assertThat(plant.token()).isEqualTo(new Secret("s3cret"));
    }

    @Test
    void unreadableFile_isAProblemOfTheFile(@TempDir Path folder) throws IOException {
        Path latin = Files.write(folder.resolve("latin.yaml"), "name: ü".getBytes(StandardCharsets.ISO_8859_1));
        Path huge = Files.write(folder.resolve("huge.yaml"), new byte[(1 << 20) + 1]);

        assertThatThrownBy(() -> ConfigReader.read(folder.resolve("none.yaml"), Plant.class))
                .hasMessage(folder.resolve("none.yaml") + ": no such file");
        assertThatThrownBy(() -> ConfigReader.read(folder, Plant.class)).isInstanceOf(ConfigException.class);
        assertThatThrownBy(() -> ConfigReader.read(latin, Plant.class)).hasMessage(latin + ": not UTF-8 text");
        assertThatThrownBy(() -> ConfigReader.read(huge, Plant.class)).hasMessageContaining("larger than 1 MiB");
    }

    record BrokenDefault(@Default("ten") int number) {}

    @Test
    void defaultThatDoesNotBind_isAMistakeOfTheProgram() {
        assertThatThrownBy(() -> ConfigReader.parse("{}", "x", BrokenDefault.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("\"ten\": expected a whole number");
    }

    @Test
    void byteSize_printsWhatItReads() {
        for (String text : List.of("0B", "1KiB", "64MiB", "1500B", "3GiB", "7TiB")) {
            assertThat(ByteSize.parse(text)).hasToString(text);
        }
    }
}
