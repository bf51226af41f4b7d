import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** A user's code in a project of their own. */
const CONSUMER = `
import { defineMethod, openOperations, StatusError, type TypedOperation } from "longrunning";
import { createClient } from "longrunning/client";
import { readDescriptors } from "longrunning/proto";
import { ManualClock, startTestServer } from "longrunning/testing";
import { openWorker } from "longrunning/worker";
import { z } from "zod";

const double = defineMethod({
  name: "double",
  request: z.object({ number: z.number() }),
  response: z.object({ number: z.number() }),
  run({ number }) {
    if (number < 0) throw new StatusError("OUT_OF_RANGE", "Too small.");
    return { number: number * 2 };
  },
});

const operations = await openOperations({ methods: [double], store: "sqlite:operations.db" });
const started = await operations.start(double, { number: 21 });
const done = await operations.wait(started.name, { timeout: "10s", method: double });
const answer: number | undefined = done.response?.number;
// @ts-expect-error the request has no such field
void (() => operations.start(double, { text: "21" }));
await operations.stop();

await using server = await startTestServer([double], { concurrency: 0 });
const worker = await openWorker({ server: server.url, methods: [double] });
const client = createClient(server.url);
const operation = await client.start("double", { number: 4 });
const result = await client.result(operation.name);
await worker.stop();
console.log(JSON.stringify({ answer, result, clock: new ManualClock(7).now() }));
// @ts-expect-error descriptors are bytes
void (() => readDescriptors("api.binpb"));
export type Kept = TypedOperation;
`;

describe("the package", () => {
  const folder = mkdtempSync(join(tmpdir(), "longrunning-package-"));
  const project = join(folder, "project");
  let tarballPath = "";
  const inProject = (file: string, ...parameters: string[]) => run(file, parameters, { cwd: project });
  after(() => rmSync(folder, { recursive: true, force: true }));

  before(async () => {
    // Built first and packed without scripts: "prepare" regenerates src/wire/gen, while other tests
    // read it.
    await run("npm", ["run", "build"], { cwd: ROOT });
    await run("npm", ["pack", "--ignore-scripts", "--pack-destination", folder], { cwd: ROOT });
    const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
    assert.ok(tarball !== undefined);
    mkdirSync(project);
    const manifest = { name: "consumer", private: true, type: "module" };
    writeFileSync(join(project, "package.json"), JSON.stringify(manifest));
    tarballPath = join(folder, tarball);
    await inProject("npm", "install", "--no-audit", "--no-fund", tarballPath);
    // The consumer's own tools, as if installed separately; some are among our dependencies.
    mkdirSync(join(project, "node_modules", "@types"), { recursive: true });
    for (const tool of ["zod", "@types/node"]) {
      const own = join(project, "node_modules", tool);
      if (!existsSync(own)) symlinkSync(join(ROOT, "node_modules", tool), own);
    }
    writeFileSync(join(project, "consumer.ts"), CONSUMER);
  });

  it("contains the code, the migrations for database administrators, and none of our tools", async () => {
    const { stdout } = await run("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], { cwd: ROOT });
    const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
    const paths = packed?.files.map((file) => file.path) ?? [];
    assert.ok(
      paths.includes("dist/index.js") && paths.includes("dist/index.d.ts") && paths.includes("LICENSE"),
    );
    assert.ok(paths.includes("dist/wire/gen/google/longrunning/operations_pb.js"));
    assert.ok(paths.some((path) => path.startsWith("sql/sqlite/")));
    // The README links to them.
    for (const path of ["docs/errors.md", "docs/coming-from.md", "examples/README.md"])
      assert.ok(paths.includes(path), path);
    assert.ok(paths.includes("proto/longrunning/v1/methods.proto"));
    for (const path of ["Containerfile", "Containerfile.dockerignore", "kubernetes/service/api.yaml"]) {
      assert.ok(paths.includes(`deploy/${path}`), path);
    }
    assert.ok(paths.includes("dist/dashboard/index.html") && paths.includes("dist/dashboard/licences.txt"));
    assert.deepEqual(
      paths.filter((path) => /\.test\.|\.suite\.|\/suite\/|^test|^bench|^src/.test(path)),
      [],
    );
  });

  it("type-checks in an empty project", async () => {
    const compiler = join(ROOT, "node_modules/.bin/tsc");
    const options = ["--noEmit", "--strict", "--target", "es2024", "--module", "nodenext", "--types", "node"];
    await inProject(compiler, ...options, "--lib", "es2025,esnext.disposable", "consumer.ts").catch(
      (error: { stdout: string }) => {
        assert.fail(error.stdout);
      },
    );
  });

  it("runs in an empty project: front door, client and testing", async () => {
    const { stdout } = await inProject(process.execPath, "consumer.ts");
    const { answer, result, clock } = JSON.parse(stdout) as {
      answer: number;
      result: unknown;
      clock: number;
    };
    assert.equal(answer, 42);
    assert.deepEqual(result, { number: 8 });
    assert.equal(clock, 7);
  });

  for (const flags of [[], ["--javascript"]])
    it(`init ${flags.join(" ")} makes a project that installs, passes its tests, starts and stops`, async () => {
      const made = join(folder, `made${flags.length}`);
      const main = join(project, "node_modules/longrunning/dist/cli/main.js");
      await inProject(process.execPath, main, "init", made, ...flags);
      const inMade = (...words: string[]) =>
        run("npm", words, { cwd: made, env: { ...process.env, NODE_TEST_CONTEXT: undefined } });
      if (flags.length === 0)
        await inMade("install", "--no-audit", "--no-fund", "--prefer-offline", tarballPath);
      // The same packages: installing takes most of the time.
      else symlinkSync(join(folder, "made0", "node_modules"), join(made, "node_modules"));
      assert.match((await inMade("test")).stdout, /pass 2\n/);
      if (flags.length === 0) await run(join(ROOT, "node_modules/.bin/tsc"), ["-p", made]);
      const started = spawn("npm", ["start", "--", "--port", "0"], { cwd: made, detached: true });
      try {
        let told = "";
        for await (const chunk of started.stdout) if ((told += String(chunk)).includes("Stop with")) break;
        const url = /Serving on (\S+)/.exec(told)?.[1] ?? assert.fail(told);
        const request = { method: "POST", body: JSON.stringify({ text: "one two three" }) };
        const answer = await fetch(`${url}/v1:countWords`, { ...request, headers: { prefer: "wait=10" } });
        const { response } = (await answer.json()) as { response: { value: unknown } };
        assert.deepEqual(response.value, { words: 3 });
      } finally {
        const ended = once(started, "close");
        process.kill(-(started.pid ?? assert.fail()), "SIGINT");
        await ended;
      }
    });

  it("brings its command line", async () => {
    const { stdout } = await inProject(
      process.execPath,
      "node_modules/longrunning/dist/cli/main.js",
      "--version",
    );
    assert.match(stdout, /^longrunning \d+\.\d+\.\d+|^\d+\.\d+\.\d+/);
  });
});
