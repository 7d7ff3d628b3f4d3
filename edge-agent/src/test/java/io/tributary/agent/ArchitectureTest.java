package io.tributary.agent;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The direction of the modules and packages; ARCHITECTURE.md draws it. */
@AnalyzeClasses(packages = "io.tributary.agent", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.tributary.agent.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule sourcesSeeOnlyTheIntake = noClasses()
            .that()
            .resideInAPackage("..agent.source..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..agent.outbox..", "..agent.uplink..");

    @ArchTest
    static final ArchRule rocksStaysInTheOutbox = noClasses()
            .that()
            .resideOutsideOfPackage("..agent.outbox..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.rocksdb..");

    @ArchTest
    static final ArchRule grpcStaysInTheUplink = noClasses()
            .that()
            .resideOutsideOfPackage("..agent.uplink..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.grpc..");

    /** Both are behind {@code io.tributary.mqtt}. */
    @ArchTest
    static final ArchRule nobodySeesPaho =
            noClasses().should().dependOnClassesThat().resideInAPackage("org.eclipse.paho..");

    @ArchTest
    static final ArchRule miloStaysInOpcua = noClasses()
            .that()
            .resideOutsideOfPackage("..agent.source.opcua..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.eclipse.milo..");

    @ArchTest
    static final ArchRule mqttCodecStaysInTheListener = noClasses()
            .that()
            .resideOutsideOfPackage("..agent.source.mqttlistener..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty.handler.codec.mqtt..");

    @ArchTest
    static final ArchRule nettyStaysInListenersAndUplink = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "..agent.uplink..", "..agent.source.tcp..", "..agent.source.udp..", "..agent.source.mqttlistener..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule generatedClassesStayInCodecs = classes()
            .that()
            .resideInAPackage("io.tributary.proto.v1..")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAnyPackage("..agent.uplink..", "..agent.decode..", "io.tributary.proto..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule nobodyReadsTheSystemClock = noClasses()
            .that()
            .resideOutsideOfPackage("..agent.clock..")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(java.time.Instant.class, "now");
}
