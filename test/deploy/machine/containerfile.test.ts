import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, suite, test } from "node:test";
import { aPort } from "../../support/port.ts";
import { startPostgres } from "../../support/postgres.ts";
import { stagesOf } from "../containerfile.ts";
import { textOf } from "../files.ts";
import { Container, NO_CONTAINERS } from "./container.ts";
import { buildImage, type Image } from "./image.ts";
import { makeProject } from "./project.ts";

suite("the image of deploy/Containerfile", { skip: NO_CONTAINERS }, () => {
  const resources = new AsyncDisposableStack();
  let image: Image;
  let store = "";

  before(async () => {
    const project = resources.use(makeProject());
    const stages = stagesOf(textOf("Containerfile"));
    image = resources.use(buildImage(stages, project.folder, textOf("Containerfile.dockerignore")));
    store = await resources.use(await startPostgres({ fsync: "off" })).createDatabase();
  });
  after(() => resources.disposeAsync());

  test("has no shell and no package manager", () => {
    for (const path of ["bin/sh", "usr/bin/sh", "usr/local/bin/npm", "app/deploy", "app/.npmrc"]) {
      assert.ok(!existsSync(join(image.root, path)), path);
    }
    assert.deepEqual(readdirSync(join(image.root, "usr/local/bin")), ["node"]);
    assert.ok(!existsSync(join(image.root, "app/node_modules/typescript")), "no development dependency");
  });

  test("migrates, and ends", async () => {
    await using container = new Container(image, {
      environment: { LONGRUNNING_STORE: store, LONGRUNNING_ACCESS_CONTROL: "false" },
      command: ["migrate"],
    });
    assert.equal(await container.exit(), 0, container.output);
  });

  test("serves as its user with a read-only root, answers its health check, and drains", async () => {
    const port = await aPort();
    const environment = {
      LONGRUNNING_STORE: store,
      LONGRUNNING_ROLE: "api",
      LONGRUNNING_ACCESS_CONTROL: "false",
      LONGRUNNING_PORT: String(port),
      LONGRUNNING_DRAIN_DELAY: "3s",
    };
    await using container = new Container(image, { environment });
    const address = `http://127.0.0.1:${port}`;
    await container.printed(/^Serving on /m);
    assert.deepEqual(container.checkHealth(), { code: 0, output: "" });
    assert.equal(container.status("Uid"), "65532\t65532\t65532\t65532");
    assert.equal(container.status("CapEff"), "0000000000000000");
    assert.equal(container.status("NSpid").split("\t").at(-1), "1");
    assert.equal((await fetch(`${address}/readyz`)).status, 200);
    const write = `fs.writeFileSync(process.argv[1], "")`;
    for (const path of ["/app/x", "/tmp/x", "/x"]) {
      const { code, output } = container.run(["/usr/local/bin/node", "--eval", write, path]);
      assert.deepEqual([code, /EROFS|EACCES/.exec(output)?.[0]], [1, "EROFS"], path);
    }
    container.stop();
    await container.printed(/stopping: /);
    assert.equal((await fetch(`${address}/readyz`)).status, 503);
    // The port stays open for the delay, so late callers are answered.
    assert.equal((await fetch(`${address}/v1/operations`)).status, 200);
    assert.equal(await container.exit(), 0, container.output);
    await assert.rejects(fetch(address));
  });

  test("works without a port for callers, and is healthy and measured at its probe port", async () => {
    const port = await aPort();
    const environment = {
      LONGRUNNING_STORE: store,
      LONGRUNNING_ROLE: "worker",
      LONGRUNNING_PROBE_PORT: String(port),
      LONGRUNNING_METRICS: "true",
    };
    await using container = new Container(image, { environment });
    await container.printed(/^Working/m);
    assert.deepEqual(container.checkHealth(), { code: 0, output: "" });
    const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.match(await answer.text(), /^longrunning_slots_limit 64$/m);
    container.stop();
    assert.equal(await container.exit(), 0, container.output);
  });

  test("is not healthy if nothing listens", async () => {
    const environment = { LONGRUNNING_STORE: store, LONGRUNNING_ROLE: "worker" };
    await using container = new Container(image, { environment });
    await container.printed(/^Working/m);
    assert.equal(container.checkHealth().code, 1);
  });
});
