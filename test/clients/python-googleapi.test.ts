import assert from "node:assert/strict";
import { ArchiveService, leftovers, makeSlowTree, makeTree } from "./archive-service.ts";
import { clientTest, PYTHON_CLIENT } from "./installed-client.ts";
import { PythonScript } from "./python.ts";
import { pythonVersion } from "./program.ts";
import { type Facts, tell } from "./report/facts.ts";

async function debian(python: string): Promise<Pick<Facts, "client" | "version" | "transport">> {
  return {
    client: "google-api-python-client (Python)",
    version: await pythonVersion(python, "google-api-python-client"),
    transport: "REST",
  };
}

/** Debian's python3-googleapi, which builds itself from the discovery document. The scripts check; see `python/`. */

clientTest(PYTHON_CLIENT, "Python packs a real tree and reads the typed result", async (_, python) => {
  await using service = await ArchiveService.start();
  const tree = await makeTree(service.path("tree"));
  await using script = new PythonScript(python, "archive.py", [
    service.url,
    tree,
    service.path("tree.tar.gz"),
  ]);
  await script.succeed();
  tell({ ...(await debian(python)), calls: ["start", "get", "result"] });
});

clientTest(
  PYTHON_CLIENT,
  "Python pages, repeats requests, checks, deletes, and uses parents",
  async (_, python) => {
    await using service = await ArchiveService.start();
    const tree = await makeTree(service.path("tree"));
    await using script = new PythonScript(python, "collection.py", [service.url, tree, service.folder]);
    await script.succeed();
    tell({ ...(await debian(python)), calls: ["list", "delete"] });
  },
);

clientTest(
  PYTHON_CLIENT,
  "Python sends batches of fifty, and a GET that is too long for an address",
  async (_, python) => {
    await using service = await ArchiveService.start();
    const tree = await makeSlowTree(service.path("tree"), 1);
    await using script = new PythonScript(python, "batch.py", [service.url, tree, service.folder]);
    await script.succeed();
  },
);

clientTest(
  PYTHON_CLIENT,
  "Python cancels a running operation and reads errors in both formats",
  async (_, python) => {
    await using service = await ArchiveService.start();
    const tree = await makeSlowTree(service.path("tree"), 512);
    const output = service.path("cancelled.tar.gz");
    await using script = new PythonScript(python, "failures.py", [service.url, tree, output]);
    await script.succeed();
    assert.deepEqual(leftovers(output), []);
    tell({
      ...(await debian(python)),
      calls: ["cancel"],
      cancellation: "`error.code` 1",
      errors: "call: `HttpError`",
    });
  },
);

clientTest(
  PYTHON_CLIENT,
  "Python polls an operation to its result across a kill -9 of the server",
  async (t, python) => {
    // Two slots, so that other operations wait.
    const flags = ["--concurrency", "2"];
    await using service = await ArchiveService.start(flags);
    const tree = await makeSlowTree(service.path("tree"), 96);
    await makeTree(service.path("small"));
    await using script = new PythonScript(python, "restart.py", [service.url, tree, service.folder]);
    assert.equal(await script.line(), "started");
    await service.kill();
    script.tell("killed");
    const killed = performance.now();
    await service.restart(flags);
    await script.succeed();
    t.diagnostic(`everything was done ${Math.round(performance.now() - killed)} ms after the kill`);
  },
);
