package io.tributary.golden;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.tributary.proto.v1.AgentStateProto;
import io.tributary.proto.v1.BatchProto;
import io.tributary.proto.v1.CommandStateProto;
import io.tributary.proto.v1.EnrolmentProto;
import io.tributary.proto.v1.FrameProto;
import io.tributary.proto.v1.IngestProto;
import io.tributary.proto.v1.QueryProto;
import io.tributary.proto.v1.StreamProto;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Numbers and types of every field, value and method equal a committed list, so that nobody gives a number another
 * meaning. Whoever adds a field adds its line to {@code golden/wire-contract.txt}; whoever removes one reserves the number
 * and keeps the line, as {@code reserved}.
 */
class WireContractTest {
    private static final List<FileDescriptor> FILES = List.of(
            AgentStateProto.getDescriptor(),
            BatchProto.getDescriptor(),
            CommandStateProto.getDescriptor(),
            EnrolmentProto.getDescriptor(),
            FrameProto.getDescriptor(),
            IngestProto.getDescriptor(),
            QueryProto.getDescriptor(),
            StreamProto.getDescriptor());

    @Test
    void numbersAndTypes_areAsCommitted() {
        List<String> lines = new ArrayList<>();
        FILES.forEach(file -> describe(file, lines));

        assertThat(lines).containsExactlyElementsOf(GoldenText.lines("wire-contract.txt"));
    }

    @Test
    void everyProtoFile_isListed() throws Exception {
        Path protos = Path.of(System.getProperty("tributary.root"), "proto", "src", "main", "proto");
        try (Stream<Path> files = Files.walk(protos)) {
            assertThat(files.filter(file -> file.toString().endsWith(".proto"))
                            .map(file -> protos.relativize(file).toString()))
                    .containsExactlyInAnyOrderElementsOf(
                            FILES.stream().map(FileDescriptor::getName).toList());
        }
    }

    private static void describe(FileDescriptor file, List<String> lines) {
        lines.add("file " + file.getName() + " package " + file.getPackage());
        file.getEnumTypes().forEach(type -> describe(type, lines));
        file.getMessageTypes().forEach(type -> describe(type, lines));
        for (ServiceDescriptor service : file.getServices()) {
            lines.add("service " + service.getFullName());
            for (MethodDescriptor method : service.getMethods()) {
                lines.add("    %s(%s%s) returns (%s%s)"
                        .formatted(
                                method.getName(),
                                method.isClientStreaming() ? "stream " : "",
                                method.getInputType().getFullName(),
                                method.isServerStreaming() ? "stream " : "",
                                method.getOutputType().getFullName()));
            }
        }
    }

    private static void describe(EnumDescriptor type, List<String> lines) {
        lines.add("enum " + type.getFullName());
        for (EnumValueDescriptor value : type.getValues()) {
            lines.add("    " + value.getNumber() + " " + value.getName());
        }
        type.toProto().getReservedRangeList().forEach(range -> reserved(range.getStart(), range.getEnd(), lines));
    }

    private static void describe(Descriptor message, List<String> lines) {
        lines.add("message " + message.getFullName());
        message.getFields().stream()
                .sorted(Comparator.comparingInt(FieldDescriptor::getNumber))
                .forEach(field -> lines.add("    " + field.getNumber() + " " + typeOf(field) + " " + field.getName()));
        message.toProto()
                .getReservedRangeList()
                .forEach(range -> reserved(range.getStart(), range.getEnd() - 1, lines));
        message.getEnumTypes().forEach(type -> describe(type, lines));
        message.getNestedTypes().stream()
                .filter(type -> !type.getOptions().getMapEntry())
                .forEach(type -> describe(type, lines));
    }

    private static void reserved(int first, int last, List<String> lines) {
        for (int number = first; number <= last; number++) {
            lines.add("    " + number + " reserved");
        }
    }

    private static String typeOf(FieldDescriptor field) {
        if (field.isMapField()) {
            Descriptor entry = field.getMessageType();
            return "map<" + plainTypeOf(entry.findFieldByNumber(1)) + ", " + plainTypeOf(entry.findFieldByNumber(2))
                    + ">";
        }
        String oneof = field.getRealContainingOneof() == null
                ? ""
                : "oneof " + field.getRealContainingOneof().getName() + " ";
        String label = field.isRepeated() ? "repeated " : field.toProto().getProto3Optional() ? "optional " : "";
        return oneof + label + plainTypeOf(field);
    }

    private static String plainTypeOf(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case MESSAGE -> field.getMessageType().getFullName();
            case ENUM -> field.getEnumType().getFullName();
            default -> field.getType().name().toLowerCase(java.util.Locale.ROOT);
        };
    }
}
