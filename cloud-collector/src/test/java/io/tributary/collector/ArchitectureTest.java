package io.tributary.collector;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;

/** The direction of the packages; ARCHITECTURE.md draws it. */
@AnalyzeClasses(packages = "io.tributary.collector", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.tributary.collector.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule ingestDoesNotKnowQueries = noClasses()
            .that()
            .resideInAPackage("..collector.ingest..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..collector.query..", "..collector.catalog..", "..collector.http..", "..collector.rpc..");

    @ArchTest
    static final ArchRule queriesDoNotKnowIngest = noClasses()
            .that()
            .resideInAnyPackage("..collector.query..", "..collector.http..", "..collector.rpc..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..collector.ingest..");

    /** A door sees the queries, the queries do not see who asks. */
    @ArchTest
    static final ArchRule queriesDoNotKnowTheirEndpoints = noClasses()
            .that()
            .resideInAPackage("..collector.query..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("..collector.http..", "..collector.rpc..", "..collector.agents..");

    @ArchTest
    static final ArchRule storageSeesNothingAboveIt = noClasses()
            .that()
            .resideInAnyPackage(
                    "..collector.storage..",
                    "..collector.log..",
                    "..collector.chunk..",
                    "..collector.partition..",
                    "..collector.catalog..",
                    "..collector.account..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "..collector.ingest..",
                    "..collector.query..",
                    "..collector.agents..",
                    "..collector.subscribe..",
                    "..collector.http..",
                    "..collector.rpc..");

    /** What is stored can be moved to another store: its bytes and their meaning know none. */
    @ArchTest
    static final ArchRule formatsDoNotKnowTheStore = noClasses()
            .that()
            .resideInAnyPackage("..collector.log..", "..collector.chunk..", "..collector.partition..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("..collector.storage..");

    @ArchTest
    static final ArchRule rocksStaysInStorage = noClasses()
            .that()
            .resideOutsideOfPackage("..collector.storage..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.rocksdb..");

    @ArchTest
    static final ArchRule grpcStaysInItsEndpoints = noClasses()
            .that()
            .resideOutsideOfPackages("..collector.ingest..", "..collector.rpc..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.grpc..");

    @ArchTest
    static final ArchRule nettyStaysInRpc = noClasses()
            .that()
            .resideOutsideOfPackage("..collector.rpc..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule httpStaysInHttp = noClasses()
            .that()
            .resideOutsideOfPackages("..collector.http..", "io.tributary.collector")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.tributary.http..");

    /** {@code agents} and {@code commands} write their state as messages of their own; nothing else of them is generated. */
    @ArchTest
    static final ArchRule generatedClassesStayInEndpoints = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "..collector.ingest..", "..collector.rpc..", "..collector.agents..", "..collector.commands..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.tributary.proto..", "com.google.protobuf..");

    @ArchTest
    static final ArchRule agentsUseGeneratedClassesInTheirCodecOnly = classes()
            .that()
            .resideInAnyPackage("..collector.agents..", "..collector.commands..")
            .and()
            .haveSimpleNameNotEndingWith("Codec")
            .and()
            .doNotHaveSimpleName("AgentDirectory") // these catch what the codec throws
            .and()
            .doNotHaveSimpleName("Downlink")
            .and()
            .doNotHaveSimpleName("CommandBook")
            .should()
            .onlyDependOnClassesThat()
            .resideOutsideOfPackages("io.tributary.proto..", "com.google.protobuf..");

    /** Time is passed in; {@code Collector} is where it comes from. */
    @ArchTest
    static final ArchRule nobodyReadsTheSystemClock = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.tributary.collector.Collector")
            .should()
            .accessTargetWhere(isWallClock());

    /** Storage and rpc measure their own waits; elsewhere durations decide something, and tests move them. */
    @ArchTest
    static final ArchRule nobodyElseReadsTheMonotonicClock = noClasses()
            .that()
            .doNotHaveFullyQualifiedName("io.tributary.collector.Collector")
            .and()
            .resideOutsideOfPackages("..collector.storage..", "..collector.rpc..")
            .should()
            .accessTargetWhere(isCall(System.class, "nanoTime"));

    private static DescribedPredicate<JavaAccess<?>> isWallClock() {
        return isCall(System.class, "currentTimeMillis")
                .or(isCall(Instant.class, "now"))
                .or(isCall(InstantSource.class, "system"))
                .or(isCall(Clock.class, "systemUTC"))
                .or(isCall(Clock.class, "systemDefaultZone"))
                .as("the system clock is read");
    }

    /** Method references, too. */
    private static DescribedPredicate<JavaAccess<?>> isCall(Class<?> owner, String method) {
        return DescribedPredicate.describe(
                owner.getSimpleName() + "." + method,
                access -> access.getTargetOwner().isEquivalentTo(owner)
                        && access.getTarget().getName().equals(method));
    }
}
