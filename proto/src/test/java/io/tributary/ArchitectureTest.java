package io.tributary;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What all programs share stays small and apart: each package stands alone, or on the one below it. */
@AnalyzeClasses(packages = "io.tributary", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.tributary.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule programsAreNotKnown = noClasses()
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "io.tributary.agent..", "io.tributary.collector..", "io.tributary.sim..", "io.tributary.deploy.."));

    /** Ours are hand-written: generated code allocates before a limit can be checked. */
    @ArchTest
    static final ArchRule generatedClassesAreForOthers = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.proto..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.tributary.proto..", "com.google.protobuf..", "io.grpc.."));

    @ArchTest
    static final ArchRule columnStandsAlone = noClasses()
            .that()
            .resideInAPackage("io.tributary.column..")
            .should()
            .dependOnClassesThat(resideInAnyPackage(
                    "io.tributary.model..", "io.tributary.config..", "io.tributary.http..", "io.tributary.process.."));

    @ArchTest
    static final ArchRule modelStandsOnColumn = noClasses()
            .that()
            .resideInAPackage("io.tributary.model..")
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("io.tributary.config..", "io.tributary.http..", "io.tributary.process.."));

    @ArchTest
    static final ArchRule configAndProcessStandAlone = noClasses()
            .that()
            .resideInAnyPackage("io.tributary.config..", "io.tributary.process..")
            .should()
            .dependOnClassesThat(
                    resideInAnyPackage("io.tributary.model..", "io.tributary.column..", "io.tributary.http.."));

    @ArchTest
    static final ArchRule httpDoesNotKnowReadings = noClasses()
            .that()
            .resideInAPackage("io.tributary.http..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.tributary.model..", "io.tributary.column.."));

    @ArchTest
    static final ArchRule zstdStaysInTheModel = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.model..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("com.github.luben.."));

    @ArchTest
    static final ArchRule yamlStaysInConfig = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.config..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.snakeyaml.."));

    @ArchTest
    static final ArchRule nettyStaysInListeners = noClasses()
            .that()
            .resideOutsideOfPackages("io.tributary.http..", "io.tributary.listen..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.netty.."));

    @ArchTest
    static final ArchRule metricsStayInHttp = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.http..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("io.prometheus.."));

    @ArchTest
    static final ArchRule pahoStaysInMqtt = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.mqtt..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("org.eclipse.paho.."));

    @ArchTest
    static final ArchRule signalsStayInProcess = noClasses()
            .that()
            .resideOutsideOfPackage("io.tributary.process..")
            .should()
            .dependOnClassesThat(resideInAnyPackage("sun.misc.."));

    @ArchTest
    static final ArchRule nobodyReadsTheWallClock = noClasses()
            .should()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now");
}
