import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { startServerProcess } from "../../test/support/server-process.ts";
import { EXIT } from "./exit.ts";
import { aWorld, source } from "./world.suite.ts";

const directory = mkdtempSync(join(tmpdir(), "longrunning-probes-"));
after(() => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, "methods.mjs");
writeFileSync(
  file,
  `import { defineMethod } from ${JSON.stringify(source("index.ts"))};
   const request = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
   export const quick = defineMethod({ name: "quick", request, run: () => {} });`,
);

/** Sends a request like curl, over its own connection. */
async function asked(url: string, method = "GET"): Promise<readonly [number, string]> {
  const answer = await fetch(url, { method, headers: { connection: "close" } });
  return [answer.status, await answer.text()];
}

describe("a server's process", () => {
  it("is not ready from the moment of the signal, and keeps serving during --drain-delay", async () => {
    const store = `sqlite:${join(directory, "drain.db")}`;
    await using server = await startServerProcess({ file, store, flags: ["--drain-delay", "10m"] });
    assert.deepEqual(await asked(`${server.url}/readyz`), [200, "ok"]);
    server.process.kill("SIGTERM");
    let ready = await asked(`${server.url}/readyz`);
    while (ready[0] === 200) ready = await asked(`${server.url}/readyz`);
    assert.deepEqual(ready, [
      503,
      "[+]store ok\n[+]migrations ok\n[-]draining failed: the server is stopping\nreadyz check failed\n",
    ]);
    assert.deepEqual(await asked(`${server.url}/livez`), [200, "ok"]);
    assert.deepEqual(await asked(`${server.url}/readyz?exclude=draining`), [200, "ok"]);
    assert.equal((await asked(`${server.url}/v1:quick`, "POST"))[0], 200);
    assert.equal(await server.end("SIGTERM"), EXIT.interrupted);
  });

  it("prints the address of its probes", async () => {
    for (const format of ["json", "text"]) {
      using world = aWorld();
      const flags = [
        "--store",
        "sqlite::memory:",
        "--port",
        "0",
        "--probe-port",
        "0",
        "--log-format",
        format,
      ];
      const ended = world.run("serve", file, ...flags);
      await world.outContains("Probes on ");
      const url = /Probes on (http:\S+)/.exec(world.out())?.[1] ?? assert.fail("expected an address");
      assert.deepEqual(await asked(`${url}/readyz`), [200, "ok"]);
      assert.equal((await asked(`${url}/v1:quick`, "POST"))[0], 404);
      world.interrupt();
      await ended;
    }
  });
});
