import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { migratedDatabase } from "../../test/support/migrated.ts";
import { postgresForTests } from "../../test/support/postgres.ts";
import { startServerProcess } from "../../test/support/server-process.ts";
import { createClient } from "../client/index.ts";
import { EXIT } from "./exit.ts";
import { source } from "./world.suite.ts";

const directory = mkdtempSync(join(tmpdir(), "longrunning-worker-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, "methods.mjs");
writeFileSync(
  file,
  `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
   const request = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
   const stuck = () => new Promise(() => setInterval(() => {}, 1_000));
   const retry = { attempts: 1 };
   export const stubborn = defineMethod({ name: "stubborn", request, retry,
     run: (_request, { attempt }) => (attempt === 1 ? stuck() : undefined) });`,
);

test("a worker's process ends despite a handler that ignores its signal, and another takes the operation", async () => {
  await using database = await postgresForTests();
  const store = await migratedDatabase(database);
  await using api = await startServerProcess({ file, store, flags: ["--role", "api"] });
  const worker = { file, store, flags: ["--role", "worker", "--drain", "0s"] };
  await using first = await startServerProcess(worker);
  first.process.stderr?.destroy();
  const client = createClient(api.url);
  const { name } = await client.start("stubborn", {});
  for await (const { metadata } of client.updates(name, { step: "1s" }))
    if (metadata["state"] === "RUNNING") break;
  assert.equal(await first.end("SIGTERM"), EXIT.failed);
  await using second = await startServerProcess(worker);
  // The method allows one failed attempt: the released attempt does not count.
  const ended = await client.untilDone(name);
  assert.deepEqual([ended.error, ended.metadata["attempt"]], [null, 2]);
  assert.equal(await second.end("SIGTERM"), EXIT.succeeded);
});
