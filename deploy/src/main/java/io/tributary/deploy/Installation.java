package io.tributary.deploy;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where the programs lie in a source tree that was built: {@code <program>/target/dist/{bin,lib,conf}}. */
record Installation(Path root) {

    static final String AGENT = "edge-agent";
    static final String COLLECTOR = "cloud-collector";
    static final String SIMULATOR = "firmware-sim";

    Installation {
        root = root.toAbsolutePath().normalize();
    }

    /** The start script of a program. */
    Path script(String program) {
        Path script = root.resolve(program).resolve("target/dist/bin").resolve(program);
        if (!Files.isExecutable(script)) {
            throw new IllegalStateException(script + " is missing: build with `mvn package` first");
        }
        return script;
    }

    /** The data sets shipped with the source. */
    Path data() {
        return root.resolve("deploy/data");
    }
}
