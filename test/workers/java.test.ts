import { execFileSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { workerSuite } from "./suite.ts";
import { firstThatRuns, MAVEN } from "../clients/installed-client.ts";
import { openSamples } from "./samples.ts";

const PROGRAM = fileURLToPath(new URL("./programs/java/Steered.java", import.meta.url));
const javac = firstThatRuns(["javac"], ["--release", "17", "--version"]);
const jar = firstThatRuns(["jar"], ["--version"]);
const java = firstThatRuns(["java"], ["--version"]);

/**
 * The Java worker of examples/workers: built and run as its page says, and then tested with the
 * suite for workers.
 */

if (javac === undefined || jar === undefined || java === undefined || MAVEN.command === undefined) {
  void test("the worker in Java", { skip: `A JDK of at least 17 or Maven is missing. ${MAVEN.install}` });
} else {
  const samples = await openSamples("Java", "the worker in Java");
  if (samples !== undefined) {
    const library = join(samples.folder, "examples/workers/java/target/worker.jar");
    const [classes, steered, archive] = ["classes", "steered.jar", "steered.jsa"].map((name) =>
      join(samples.folder, "steered", name),
    ) as [string, string, string];
    execFileSync(javac, ["--release", "17", "-cp", library, "-d", classes, PROGRAM]);
    execFileSync(jar, ["--create", "--file", steered, "-C", classes, "."]);
    // Optimised compilation takes longer than running this little code.
    const quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
    const program = ["-cp", [steered, library].join(delimiter), "Steered"];
    // Each case starts a JVM, which loads its classes from this archive. Nothing listens at port 9.
    execFileSync(java, [...quick, `-XX:ArchiveClassesAtExit=${archive}`, ...program, "127.0.0.1:9"], {
      stdio: "ignore",
    });
    workerSuite("the library in Java", () => ({
      wire: "grpc",
      repeatsClaims: true,
      words: ({ address, slots, drainS, leaseS }) => [
        java,
        ...quick,
        `-XX:SharedArchiveFile=${archive}`,
        ...program,
        address,
        ...[slots, drainS, leaseS].map(String),
      ],
    }));
  }
}
