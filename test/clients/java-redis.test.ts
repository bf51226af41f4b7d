import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { REDIS_PROTOS } from "../support/descriptors.ts";
import { clientTest, MAVEN } from "./installed-client.ts";
import { runProgram } from "./program.ts";
import { ProtoService } from "./proto-service.ts";

const FOLDER = fileURLToPath(new URL("./java/", import.meta.url));
const run = promisify(execFile);
const CLASSPATH = "org.apache.maven.plugins:maven-dependency-plugin:3.9.0:build-classpath";

/**
 * The classpath of `java/pom.xml`, from Maven's cache if possible; undefined if it is not
 * available.
 */
async function classpathOf(t: TestContext, maven: string, file: string): Promise<string | undefined> {
  const words = ["-B", "-q", "-f", join(FOLDER, "pom.xml"), CLASSPATH, `-Dmdep.outputFile=${file}`];
  const resolve = (...more: readonly string[]): Promise<string | undefined> =>
    run(maven, [...more, ...words], { timeout: 60_000 }).then(
      () => undefined,
      ({ stdout, message }: { readonly stdout: string; readonly message: string }) => stdout || message,
    );
  const failure = (await resolve("-o")) && (await resolve());
  if (failure === undefined) return readFileSync(file, "utf8");
  assert.match(
    failure,
    /Could not transfer|Unknown host|timed out/,
    "the artifacts are there, or out of reach",
  );
  t.skip(`Its artifacts cannot be had: ${failure.slice(0, 200)}`);
  return undefined;
}

/** Google's Java client of Cloud Redis, and gax, over gRPC and REST. The program checks; see `java/CloudRedis.java`. */
clientTest(MAVEN, "Java creates, resumes, updates, fails and cancels in Cloud Redis", async (t, maven) => {
  await using service = await ProtoService.start("redis-handlers.ts", REDIS_PROTOS);
  const classpath = await classpathOf(t, maven, join(service.folder, "classpath"));
  if (classpath === undefined) return;
  // Optimised compilation takes longer than running this little code.
  const words = ["-XX:TieredStopAtLevel=1", join(FOLDER, "CloudRedis.java"), service.url];
  await runProgram(
    "java",
    words,
    [
      "google-cloud-redis (Java) gRPC",
      "com.google.api:gax-grpc gRPC",
      "google-cloud-redis (Java) REST",
      "com.google.api:gax-httpjson REST",
    ],
    { CLASSPATH: classpath },
  );
});
