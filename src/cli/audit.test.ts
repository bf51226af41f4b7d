import assert from "node:assert/strict";
import { readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { EXIT } from "./exit.ts";
import { aWorld, source } from "./world.suite.ts";

function linesOf(path: string): number {
  return readFileSync(path, "utf8").split("\n").length - 1;
}

test("serve --audit continues in a new file after SIGHUP, when the old one was moved away", async () => {
  using world = aWorld();
  const file = world.file(
    "archive.ts",
    `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
     const request = { "~standard": { version: 1, vendor: "test", validate: (value: unknown) => ({ value }) } } as const;
     export const createArchive = defineMethod({ name: "createArchive", request, run: () => {} });`,
  );
  const audit = join(world.io.directory, "audit.jsonl");
  const flags = ["--store", "sqlite::memory:", "--port", "0", "--log-format", "json", "--audit", audit];
  const ended = world.run("serve", file, ...flags);
  await world.errContains('"message":"serving"');
  const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(world.out()) ?? assert.fail("expected an address");
  const start = async (): Promise<void> => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`${url}/v1:createArchive`, { method: "POST", headers, body: "{}" });
    assert.equal(answer.status, 200);
    await answer.text();
  };
  await start();
  renameSync(audit, `${audit}.1`);
  await start();
  world.hangUp();
  await world.errContains("the file of audit records was opened again");
  await start();
  assert.deepEqual([linesOf(`${audit}.1`), linesOf(audit)], [2, 1]);
  world.interrupt();
  assert.equal(await ended, EXIT.succeeded);
});
