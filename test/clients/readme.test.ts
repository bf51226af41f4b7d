import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import { startPostgres } from "../support/postgres.ts";
import { startServerProcess } from "../support/server-process.ts";
import { clientTest, CURL, PYTHON_CLIENT } from "./installed-client.ts";
import { environment, npmStart } from "./npm-start.ts";
import { type Block, blocksOf, blockLike, ROOT } from "./readme.ts";

/**
 * The commands of README.md are run here as printed, except for the address of the test's server.
 */

const run = promisify(execFile);
const PRINTED = "127.0.0.1:8080";
const FIRST_MINUTE = blocksOf("A first operation in sixty seconds");

interface WireOperation {
  readonly name: string;
  readonly done?: true;
  readonly response?: { readonly value: { readonly path: string; readonly sha256: string } };
}

/** The server of `npm start`. Its archives in the repository are removed with it. */
async function openServer(t: TestContext): Promise<string> {
  const server = await npmStart();
  t.after(async () => {
    const operations = await operationsOf(server.url);
    await server[Symbol.asyncDispose]();
    for (const { response } of operations) if (response !== undefined) await rm(response.value.path);
  });
  return server.url;
}

async function operationsOf(url: string): Promise<readonly WireOperation[]> {
  const response = await fetch(`${url}/v1/operations`);
  return ((await response.json()) as { operations?: readonly WireOperation[] }).operations ?? [];
}

/** Runs a block of the README as printed, in the root of the repository. */
async function type(url: string, program: string, code: string): Promise<string> {
  const ours = code.replaceAll(PRINTED, new URL(url).host);
  const { stdout } = await run(program, ["-c", ours], { cwd: ROOT, env: environment(url), timeout: 60_000 });
  return stdout;
}

const shell = (url: string, pattern: RegExp): Promise<string> =>
  type(url, "sh", blockLike(FIRST_MINUTE, "sh", pattern));

clientTest(CURL, "README: the lines for curl start an operation and read its result", async (t) => {
  const url = await openServer(t);
  const started = JSON.parse(await shell(url, /^curl/)) as WireOperation;
  assert.match(started.name, /^operations\//);
  const done = JSON.parse(await shell(url, /:wait/)) as WireOperation;
  assert.deepEqual([done.name, done.done], [started.name, true]);
  assert.match(done.response?.value.sha256 ?? "", /^[0-9a-f]{64}$/);
});

test("README: the command lines show progress, the result and the list", {
  timeout: 240_000,
}, async (t) => {
  const url = await openServer(t);
  const output = await shell(url, /^npm run/);
  const [operation] = await operationsOf(url);
  assert.equal(operation?.done, true);
  assert.ok(output.includes(operation.name), output);
  assert.ok(output.includes(operation.response?.value.sha256 ?? "no result"), output);
  assert.match(output, /createArchive/);
});

clientTest(PYTHON_CLIENT, "README: the Python block prints path and checksum", async (t, python) => {
  const url = await openServer(t);
  const output = await type(url, python, blockLike(FIRST_MINUTE, "python", /build\(/));
  const [operation] = await operationsOf(url);
  const { path, sha256 } = operation?.response?.value ?? assert.fail("no result");
  assert.equal(output, `${path} ${sha256}\n`);
});

test("README: no block of its first minute is left out here", () => {
  const { length } = FIRST_MINUTE.filter(({ language }) => language === "sh");
  assert.deepEqual([length, FIRST_MINUTE.length], [3, 4]);
});

const OWN_METHOD = blocksOf("Your own method").filter(({ language }) => language === "ts");

/**
 * A project with the blocks as files, in which "longrunning" is this repository and zod is
 * installed.
 */
async function openProject(t: TestContext, blocks: readonly Block[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "longrunning-readme-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const manifest = { name: "longrunning", type: "module", exports: { ".": "./src/index.ts" } };
  await writeFile(join(folder, "package.json"), JSON.stringify(manifest));
  for (const name of ["src", "node_modules"]) await symlink(join(ROOT, name), join(folder, name));
  for (const { code } of blocks) {
    const name = /^\/\/ (\S+\.ts)\n/.exec(code)?.[1] ?? "server.ts";
    await writeFile(join(folder, name), code);
  }
  return folder;
}

test("README: the TypeScript blocks type-check", { timeout: 240_000 }, async (t) => {
  const folder = await openProject(t, OWN_METHOD);
  assert.deepEqual((await readdir(folder)).filter((name) => name.endsWith(".ts")).toSorted(), [
    "archive.ts",
    "server.ts",
  ]);
  const options = "--noEmit --strict --target es2024 --module nodenext --types node --skipLibCheck".split(
    " ",
  );
  // Our own sources are compiled as well, and also pass with this option.
  const ours = ["--allowImportingTsExtensions", "--exactOptionalPropertyTypes"];
  const more = [...ours, "--lib", "es2025,esnext.disposable"];
  const compiler = join(ROOT, "node_modules/.bin/tsc");
  const checked = run(compiler, [...options, ...more, "archive.ts", "server.ts"], { cwd: folder });
  await checked.catch((error: { stdout: string }) => assert.fail(error.stdout));
});

test("README: the user's own method is served", { timeout: 60_000 }, async (t) => {
  const folder = await openProject(t, OWN_METHOD);
  const file = join(folder, "archive.ts");
  await using server = await startServerProcess({ file, store: `sqlite:${join(folder, "serve.db")}` });
  for (const path of ["v1:createArchive", "v1/projects/p:createArchive"]) {
    const response = await fetch(`${server.url}/${path}`, { method: "POST", body: '{"directory": "docs"}' });
    const { name } = (await response.json()) as WireOperation;
    const waited = await fetch(`${server.url}/v1/${name}:wait`, { method: "POST" });
    const { response: result } = (await waited.json()) as WireOperation;
    assert.equal(result?.value.path, "docs.tar.gz");
  }
});

test("README: operations run in an existing server", { timeout: 60_000 }, async (t) => {
  const port = await freePort();
  const ours = OWN_METHOD.map(({ language, code }) => ({
    language,
    code: code.replaceAll("listen(8080,", `listen(${port},`),
  }));
  const folder = await openProject(t, ours);
  const server = spawn(process.execPath, ["server.ts"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = once(server, "exit");
  t.after(async () => {
    server.kill("SIGKILL");
    await ended;
  });
  const [operation] = await untilAnswered(() => operationsOf(`http://127.0.0.1:${port}`));
  const waited = await fetch(`http://127.0.0.1:${port}/v1/${operation?.name}:wait`, { method: "POST" });
  const { response } = (await waited.json()) as WireOperation;
  assert.equal(response?.value.path, "docs.tar.gz");
});

test("README: an api process and a worker share a PostgreSQL", { timeout: 240_000 }, async (t) => {
  const database = await startPostgres({ fsync: "off" });
  const store = await database.createDatabase();
  const blocks = blocksOf("Many machines");
  assert.equal(blocks.length, 3);
  const role = (name: string): string =>
    onDatabase(blockLike(blocks, "sh", new RegExp(`--role ${name}`)), store);
  const served = await spawned(t, role("api"), /^Serving on (\S+)$/m);
  const url = served[1] ?? assert.fail("no address");
  await spawned(t, role("worker"), /^Working$/m);
  const output = await type(url, "sh", blockLike(blocks, "sh", /-- start /));
  const [operation] = await operationsOf(url);
  const { path, sha256 } = operation?.response?.value ?? assert.fail("no result");
  await rm(path);
  // Hooks run in their order, so the processes have ended by then.
  t.after(() => database[Symbol.asyncDispose]());
  assert.ok(output.includes(sha256), output);
});

/** A command of the README with the database of this test, on a free port. */
function onDatabase(command: string, store: string): string {
  const printed = "postgres://postgres@127.0.0.1:5432/postgres";
  assert.ok(command.includes(printed));
  return command.replace(printed, store).replace("--port 8080", "--port 0");
}

/** Starts a long-running command, and resolves with its output as soon as the output matches. */
async function spawned(t: TestContext, command: string, pattern: RegExp): Promise<RegExpExecArray> {
  const child = spawn("sh", ["-c", command], {
    cwd: ROOT,
    env: environment(""),
    // A process group of its own, so that a signal reaches the shell, npm and the server.
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  t.after(async () => {
    const runs = child.exitCode === null && child.signalCode === null;
    if (runs && child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
    await ended;
  });
  let printed = "";
  for await (const text of child.stdout.setEncoding("utf8")) {
    printed += String(text);
    const found = pattern.exec(printed);
    if (found === null) continue;
    return found;
  }
  return assert.fail(`"${command}" ended: ${printed}`);
}

/** A port that was free a moment ago, because the block itself names its port. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" ? (address?.port ?? 0) : 0;
}

/** Repeats a request until it is answered; the test's own timeout is the limit. */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch {
      await delay(50);
    }
  }
}
