import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { descriptorSetOf } from "../../../test/support/descriptors.ts";
import { createClient } from "../../client/index.ts";
import { EXIT } from "../exit.ts";
import { aWorld, source, type World } from "../world.suite.ts";

const FLAGS = ["--store", "sqlite::memory:", "--port", "0", "--log-format", "json"];

function archive(world: World): string {
  return world.file(
    "archive.ts",
    `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
     const request = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
     export const createArchive = defineMethod({ name: "createArchive", description: "Packs.", request, run: () => {} });
     export const hold = defineMethod({ name: "hold", request, run: (_request, { signal }) =>
       new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))) });`,
  );
}

async function serving(world: World): Promise<string> {
  await world.errContains('"message":"serving"');
  return /http:\/\/[\d.:]+/.exec(world.out())?.[0] ?? assert.fail("expected an address");
}

test("serve serves the methods of a file until a signal", async () => {
  using world = aWorld();
  const ended = world.run("serve", archive(world), ...FLAGS);
  const client = createClient(await serving(world));
  const operation = await client.untilDone(await client.start("createArchive", {}));
  assert.equal(operation.error, null);
  world.interrupt();
  assert.equal(await ended, EXIT.succeeded);
  assert.match(world.err(), /"message":"stopping: 0 running"/);
});

test("serve prints how many attempts are running when it stops, and a second signal does not wait", async () => {
  using world = aWorld();
  const ended = world.run("serve", archive(world), ...FLAGS, "--drain", "0s");
  const client = createClient(await serving(world));
  await client.start("hold", {});
  world.interrupt();
  assert.match(world.err(), /stopping: 1 running; up to 0s/);
  world.interrupt();
  assert.deepEqual(world.exits, [EXIT.interrupted]);
  assert.equal(await ended, EXIT.succeeded);
});

test("serve prints the address, the methods and a first call to copy", async () => {
  using world = aWorld();
  const ended = world.run("serve", archive(world), "--store", "sqlite::memory:", "--port", "0");
  await world.outContains("Stop with Ctrl-C");
  assert.match(world.out(), /Methods:\n {2}createArchive {2}Packs\./);
  assert.match(
    world.out(),
    /curl -X POST 'http:\S+\/v1:createArchive' -H 'content-type: application\/json' -d '\{\}'/,
  );
  assert.match(world.out(), /longrunning start createArchive --json '\{\}' --wait --server http/);
  world.interrupt();
  await ended;
});

test("serve prints no start if all methods are answered at once", async () => {
  using world = aWorld();
  const file = world.file(
    "library.ts",
    `import { defineHandler } from ${JSON.stringify(source("proto.ts"))};
     export const getBook = defineHandler("test.v1.Library.GetBook", { answer: () => ({}) });`,
  );
  const proto = "service Library { rpc GetBook(Book) returns (Book); } message Book { string name = 1; }";
  const descriptors = descriptorSetOf(`syntax = "proto3"; package test.v1; ${proto}`);
  writeFileSync(join(world.directory, "api.binpb"), descriptors);
  const flags = ["--descriptors", "api.binpb", "--store", "sqlite::memory:", "--port", "0"];
  const ended = world.run("serve", file, ...flags);
  await world.outContains("Stop with Ctrl-C");
  assert.match(world.out(), /Methods:\n {2}getBook {2}answered at once\n\nStop with Ctrl-C/);
  world.interrupt();
  await ended;
});

test("serve refuses a store that it cannot open, and says what to do", async () => {
  using world = aWorld();
  const file = world.file(
    "operations.db",
    "this is no database, and long enough to be read as one ".repeat(20),
  );
  assert.equal(
    await world.run("serve", archive(world), "--port", "0", "--store", `sqlite:${file}`),
    EXIT.refused,
  );
  assert.match(world.err(), /error: Cannot serve: [\s\S]*longrunning doctor/);
});

test("serve prints every invalid setting at once", async () => {
  using world = aWorld({ environment: { LONGRUNNING_PROT: "1" } });
  assert.equal(await world.run("serve", "x.ts", "--lease", "30", "--port", "x"), EXIT.usage);
  assert.match(
    world.err(),
    /LONGRUNNING_PROT[\s\S]*port: expected[\s\S]*lease: expected a duration such as "30s", got "30"/,
  );
});

test("serve says why its store cannot be used, and what to do", async () => {
  using world = aWorld();
  mkdirSync(join(world.directory, "folder.db"));
  const store = `sqlite:${world.directory}/folder.db`;
  assert.equal(await world.run("serve", archive(world), "--store", store, "--port", "0"), EXIT.refused);
  assert.match(world.err(), /Cannot serve: Cannot open ".*folder\.db": it is a folder\. Name a file\./);
});

test("serve logs each request and call if the setting says so, in the chosen format", async () => {
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  using world = aWorld({ environment: { GOOGLE_CLOUD_PROJECT: "archive-1" } });
  const ended = world.run("serve", archive(world), ...FLAGS, "--access-log", "--log-format", "gcp");
  await world.errContains('"message":"serving"');
  const url = /http:\/\/[\d.:]+/.exec(world.out())?.[0] ?? assert.fail("expected an address");
  for (const path of ["/livez", "/v1/operations?filter=secret"])
    await (await fetch(url + path, { headers })).text();
  await world.errContains('"message":"request"');
  world.interrupt();
  await ended;
  const lines = world.err().trimEnd().split("\n");
  const requests = lines
    .map((line) => JSON.parse(line) as LogLine)
    .filter(({ message }) => message === "request");
  assert.equal(requests.length, 1, "probes are left out");
  const { httpRequest, principal, severity, ...others } = requests[0] ?? assert.fail();
  assert.deepEqual([httpRequest?.requestUrl, httpRequest?.status], ["/v1/operations", 200]);
  assert.deepEqual([principal, severity], ["anonymous", "INFO"]);
  assert.equal(others["logging.googleapis.com/trace"], `projects/archive-1/traces/${traceId}`);
});

const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN_ID = "00f067aa0ba902b7";

/** The log of a server whose handler failed once, for a caller with a trace. */
async function linesOfFailure(world: World, ...flags: readonly string[]): Promise<readonly LogLine[]> {
  const file = world.file(
    "fail.ts",
    `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
     const request = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
     export const fail = defineMethod({ name: "fail", request, retry: { attempts: 1 }, run: () => { throw new Error("no"); } });`,
  );
  const ended = world.run("serve", file, ...FLAGS, ...flags);
  const headers = { traceparent: `00-${TRACE_ID}-${SPAN_ID}-01` };
  const client = createClient(await serving(world), { headers });
  await client.untilDone(await client.start("fail", {}));
  await world.errContains("a handler failed unexpectedly");
  world.interrupt();
  await ended;
  const lines = world.err().trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as LogLine);
}

const ofAttempt = (lines: readonly LogLine[]): LogLine =>
  lines.find(({ message }) => message.startsWith("a handler failed")) ?? assert.fail();

test("serve adds the worker and the trace to each log line about an attempt", async () => {
  using world = aWorld();
  const lines = await linesOfFailure(world);
  const { operation, worker, exception: _, time: __, ...others } = ofAttempt(lines);
  assert.match(String(operation), /^operations\//);
  assert.match(String(worker), new RegExp(`-${process.pid}-[0-9a-f]{8}$`));
  assert.deepEqual(others, {
    level: "warn",
    severity: "WARNING",
    message: "a handler failed unexpectedly",
    method: "fail",
    attempt: 1,
    traceId: TRACE_ID,
    spanId: SPAN_ID,
  });
  assert.equal(lines.filter(({ message }) => message === "request").length, 0, "unless it is told to");
});

test("serve does the same in Google Cloud's format", async () => {
  using world = aWorld();
  const flags = ["--log-format", "gcp", "--log-project", "archive-1"];
  const lines = await linesOfFailure(world, ...flags);
  const line = ofAttempt(lines);
  assert.deepEqual(Object.keys(line).toSorted(), [
    "exception",
    "logging.googleapis.com/labels",
    "logging.googleapis.com/operation",
    "logging.googleapis.com/spanId",
    "logging.googleapis.com/trace",
    "logging.googleapis.com/trace_sampled",
    "message",
    "severity",
    "time",
  ]);
  assert.equal(line["logging.googleapis.com/trace"], `projects/archive-1/traces/${TRACE_ID}`);
  assert.equal(line["logging.googleapis.com/spanId"], SPAN_ID);
  assert.equal(line["logging.googleapis.com/trace_sampled"], true);
  for (const each of [lines[0], lines.at(-1)]) {
    assert.equal(each?.["severity"], "INFO");
    assert.match(String(each?.["time"]), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.notEqual(each?.message, "");
  }
});

/** A line of the log. */
interface LogLine extends Readonly<Record<string, unknown>> {
  readonly message: string;
  readonly httpRequest?: { readonly requestUrl: string; readonly status: number };
}
