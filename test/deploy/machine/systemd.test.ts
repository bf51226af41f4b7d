import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { createClient } from "../../../src/client/index.ts";
import { aPort } from "../../support/port.ts";
import { startPostgres } from "../../support/postgres.ts";
import { textOf } from "../files.ts";
import { Booted, NO_SYSTEMD } from "./booted.ts";
import { makeProject } from "./project.ts";

/** Reports the privileges of the process, from inside. */
const METHODS = `
import { writeFileSync } from "node:fs";
import { defineMethod } from "longrunning";
import { z } from "zod";

export const write = defineMethod({
  name: "write",
  request: z.object({ path: z.string() }),
  response: z.object({ code: z.string() }),
  run({ path }) {
    try {
      writeFileSync(path.replace("STATE", process.env["STATE_DIRECTORY"] ?? "none"), "");
      return { code: "" };
    } catch (error) {
      return { code: String((error as NodeJS.ErrnoException).code) };
    }
  },
});
`;

suite("the units of deploy/systemd", { skip: NO_SYSTEMD }, () => {
  const resources = new AsyncDisposableStack();
  let booted: Booted;
  let port = 0;
  let worker = "";

  let project = "";

  before(async () => {
    port = await aPort();
    const probePort = await aPort();
    worker = `longrunning-worker@${probePort}.service`;
    const store = await resources.use(await startPostgres({ fsync: "off" })).createDatabase();
    const environment = textOf("systemd/environment").replace(
      /^LONGRUNNING_STORE=.*$/m,
      `LONGRUNNING_STORE=${store}`,
    );
    project = resources.use(makeProject(METHODS)).folder;
    booted = resources.use(
      new Booted({
        project,
        environment: `${environment}LONGRUNNING_PORT=${port}\n`,
        units: ["longrunning-api.service", worker],
      }),
    );
    await booted.printed(/^Serving on /m);
    await booted.printed(/^Working/m);
  });
  after(() => resources.disposeAsync());

  test("migrate first, and then serve and work as their user", () => {
    assert.equal(booted.property("longrunning-migrate.service", "Result"), "success");
    for (const unit of ["longrunning-api.service", worker]) {
      assert.equal(booted.property(unit, "ActiveState"), "active", unit);
      const pid = booted.property(unit, "MainPID");
      const status = booted.run("cat", `/proc/${pid}/status`);
      const user = Number(booted.run("id", "--user", "longrunning"));
      assert.ok(user > 0);
      assert.match(status, new RegExp(`^Uid:\\s+${user}\\s+${user}\\s`, "m"));
      assert.match(status, /^CapBnd:\s+0{16}$/m);
      assert.match(status, /^NoNewPrivs:\s+1$/m);
      assert.match(status, /^Seccomp:\s+2$/m);
    }
  });

  test("handlers can write to the service's folder and nowhere else", async () => {
    const client = createClient(`http://127.0.0.1:${port}`);
    const outcome = async (path: string): Promise<unknown> => {
      const { name } = await client.start("write", { path });
      return await client.result(name);
    };
    for (const path of ["STATE/file", "/tmp/file"]) assert.deepEqual(await outcome(path), { code: "" }, path);
    for (const path of ["/opt/longrunning/file", "/etc/longrunning/environment", "/usr/file"]) {
      assert.deepEqual(await outcome(path), { code: "EROFS" }, path);
    }
    assert.match(booted.run("ls", "-l", "/var/lib/longrunning"), /longrunning longrunning .* file/);
  });

  test("answer probes and provide metrics, each at its port", async () => {
    const probePort = /@(\d+)/.exec(worker)?.[1];
    for (const address of [`http://127.0.0.1:${port}`, `http://127.0.0.1:${probePort}`]) {
      for (const path of ["/livez", "/readyz", "/metrics"]) {
        assert.equal((await fetch(address + path)).status, 200, address + path);
      }
    }
  });

  test("stop in order, within the time that they have", () => {
    booted.run("systemctl", "stop", "longrunning-api.service", worker);
    for (const unit of ["longrunning-api.service", worker]) {
      assert.deepEqual(
        ["ActiveState", "Result", "ExecMainCode", "ExecMainStatus"].map((name) =>
          booted.property(unit, name),
        ),
        ["inactive", "success", "1", "0"],
        unit,
      );
    }
  });

  test("serve alone with a file of their own, if the environment says so", async () => {
    const address = `http://127.0.0.1:${port}`;
    const settings = { ROLE: "all", STORE: "sqlite:/var/lib/longrunning/operations.db", PORT: String(port) };
    const lines = Object.entries(settings).map(([name, value]) => `LONGRUNNING_${name}=${value}\n`);
    const units = ["longrunning-api.service"];
    await using alone = new Booted({ project, environment: lines.join(""), units });
    await alone.printed(/Serving on /);
    const client = createClient(address);
    const { name } = await client.start("write", { path: "STATE/file" });
    assert.deepEqual(await client.result(name), { code: "" });
    assert.match(alone.run("ls", "/var/lib/longrunning"), /^file\noperations\.db\n/);
  });
});
