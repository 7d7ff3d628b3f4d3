package io.tributary.deploy;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The demo uses the programs as a user does: as processes, over their interfaces. */
@AnalyzeClasses(packages = "io.tributary.deploy", importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule programsAreProcesses = noClasses()
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.tributary.agent..",
                    "io.tributary.collector..",
                    "io.tributary.sim..",
                    "io.tributary.model..",
                    "io.tributary.column..",
                    "io.tributary.proto..");

    @ArchTest
    static final ArchRule noCycles = slices().matching("io.tributary.deploy.(**)")
            .should()
            .beFreeOfCycles()
            .allowEmptyShould(true);
}
