package io.tributary.sim;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.tributary.sim", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule packages_have_no_cycles =
            slices().matching("io.tributary.sim.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule only_proto_is_used = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.tributary.agent..", "io.tributary.collector..", "io.tributary.deploy..");

    @ArchTest
    static final ArchRule generated_classes_stay_in_link_and_load = noClasses()
            .that()
            .resideOutsideOfPackages("io.tributary.sim.link", "io.tributary.sim.load")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.tributary.proto..", "com.google.protobuf..");

    @ArchTest
    static final ArchRule netty_stays_in_link_and_load = noClasses()
            .that()
            .resideOutsideOfPackages("io.tributary.sim.link", "io.tributary.sim.load")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule milo_stays_in_opcua = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.sim.opcua")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.eclipse.milo..");

    @ArchTest
    static final ArchRule json_is_read_and_written_by_verify = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.sim.verify")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("tools.jackson..", "java.net.http..");

    @ArchTest
    static final ArchRule the_command_line_is_in_the_root_package = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.sim")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "io.tributary.sim");

    @ArchTest
    static final ArchRule clocks_are_read_by_main_only = noClasses()
            .that()
            .doNotHaveSimpleName("FirmwareSim")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now");
}
