# Sourced by run, demo and bench: `build_when_needed` makes the programs when a source is newer than they are.
# Everything it has to say goes to stderr; silent when there is nothing to do.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# In deploy/target, so that `mvn clean` removes it. Its time is the start of the last good build.
build_stamp=$root/deploy/target/dist.stamp
build_log=$root/deploy/target/build.log
programs=(edge-agent cloud-collector firmware-sim deploy)

sources_unchanged() {
    local program newer
    [[ -e $build_stamp ]] || return 1
    for program in "${programs[@]}"; do
        [[ -x $root/$program/target/dist/bin/$program ]] || return 1
    done
    # Folders too: a deleted file changes only its folder's time.
    newer=$(cd "$root" && find pom.xml proto/pom.xml proto/src/main \
        {edge-agent,cloud-collector,firmware-sim,deploy}/{pom.xml,src/main} deploy/dist \
        -newer "$build_stamp" -print -quit)
    [[ -z $newer ]]
}

# The main code only: tests, formatting and dependency rules belong to `mvn verify`.
package_programs() {
    local maven=mvn
    command -v mvn >/dev/null || maven=$root/mvnw
    (cd "$root" && "$maven" --batch-mode --no-transfer-progress "$@" package \
        -Dmaven.test.skip=true -Dspotless.check.skip=true -Denforcer.skip=true) >"$build_log" 2>&1
}

build_when_needed() {
    sources_unchanged && return
    mkdir -p "$root/deploy/target"
    # Two builds in one tree would tread on each other: the second waits, then finds everything done.
    exec 9>"$root/deploy/target/build.lock"
    if command -v flock >/dev/null; then
        flock 9
        sources_unchanged && { exec 9>&-; return; }
    fi
    echo "building the programs (about a minute the first time; log: ${build_log#"$root"/})" >&2
    local started=$build_stamp.started
    touch "$started"
    # Offline first: quick, and right whenever the libraries are there already.
    if ! package_programs --offline; then
        if grep -qE 'offline mode|has not been downloaded' "$build_log"; then
            echo "some libraries are not in the local Maven repository: fetching them" >&2
            package_programs || build_failed
        else
            build_failed
        fi
    fi
    mv "$started" "$build_stamp"
    exec 9>&-
}

build_failed() {
    echo "the build failed; the end of ${build_log#"$root"/}:" >&2
    if grep -q '^\[ERROR\]' "$build_log"; then
        grep '^\[ERROR\]' "$build_log" | head -30 >&2
    else
        tail -30 "$build_log" >&2
    fi
    echo "needed: a JDK 17 or newer (JAVA_HOME) and Maven 3.6.3 or newer, or network access for ./mvnw" >&2
    exit 1
}

# The benchmarks are among the tests of proto, which packaging the programs leaves out.
run_codecs() {
    local maven=mvn classpath=$root/proto/target/bench.classpath offline
    command -v mvn >/dev/null || maven=$root/mvnw
    mkdir -p "$root/deploy/target"
    # Compiled without the profile, they have no harness, and would be left as they are.
    [[ -e $root/proto/target/test-classes/META-INF/BenchmarkList ]] ||
        rm -rf "$root/proto/target/test-classes" "$root/proto/target/maven-status/maven-compiler-plugin/testCompile"
    for offline in --offline ""; do
        (cd "$root" && "$maven" --batch-mode --no-transfer-progress $offline -pl proto -Pbench test-compile \
            dependency:build-classpath -Dmdep.outputFile="$classpath" -Dspotless.check.skip=true \
            -Denforcer.skip=true) >"$build_log" 2>&1 && break
        [[ -n $offline ]] || build_failed
    done
    java -cp "$root/proto/target/test-classes:$root/proto/target/classes:$(<"$classpath")" \
        io.tributary.bench.CodecFigures "$@"
}
