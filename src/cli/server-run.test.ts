import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { startServerProcess, type ServerProcess } from "../../test/support/server-process.ts";
import { createClient } from "../client/index.ts";
import type { Operation } from "../core/operation/operation.ts";
import { silence } from "../core/events.ts";
import { openStore } from "../store/open.ts";
import { EXIT } from "./exit.ts";
import { ServerRun } from "./server-run.ts";
import { aWorld, source } from "./world.suite.ts";

const directory = mkdtempSync(join(tmpdir(), "longrunning-run-"));
after(() => rmSync(directory, { recursive: true, force: true }));

/** Methods that do things to their process that handlers should not do. */
const MODULE = `
import { defineMethod } from ${JSON.stringify(source("index.ts"))};
const request = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
const later = (callback) => new Promise((resolve) => setTimeout(() => resolve(callback?.()), 1));
const define = (name, run, retry) => defineMethod({ name, request, run, ...(retry === undefined ? {} : { retry }) });
export const quick = define("quick", () => {});
export const fail = define("fail", ({ length }) => { throw new Error("x".repeat(length)); }, { attempts: 1 });
export const hold = define("hold", (_request, { signal }) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))));
export const stubborn = define("stubborn", () => new Promise(() => setInterval(() => {}, 1_000)));
export const reject = define("reject", async () => { later(() => { throw new Error("left behind"); }); });
export const throws = define("throws", () => new Promise(() => setTimeout(() => { throw new Error("in a timer"); }, 1)));
export const quit = define("quit", (request, context) =>
  context.attempt === 1 ? hold.run(request, context) : void process.kill(process.pid, "SIGTERM"));
export const exit = define("exit", async () => { await later(); process.exit(0); });
setInterval(() => {}, 60_000);
process.on("SIGUSR2", () => process.exit(0));
`;

const file = join(directory, "methods.mjs");
writeFileSync(file, MODULE);
let stores = 0;

/** The trace of the caller that starts an operation. */
const TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736";

interface Run extends AsyncDisposable {
  readonly store: string;
  readonly server: ServerProcess;
  /** Starts an operation. */
  start(method: string, request?: unknown): Promise<string>;
  /** The same; resolves when its handler has begun or ended. */
  begin(method: string, request?: unknown): Promise<string>;
  /** The exit code, and the record of each operation as the process left it. */
  ended(...names: string[]): Promise<readonly [number | null, ...Operation[]]>;
}

async function run(options: { flags?: readonly string[]; stderr?: number } = {}): Promise<Run> {
  const store = `sqlite:${join(directory, `${++stores}.db`)}`;
  const server = await startServerProcess({ file, store, ...options });
  const headers = { traceparent: `00-${TRACE_ID}-00f067aa0ba902b7-01` };
  const client = createClient(server.url, { headers });
  return {
    store,
    server,
    start: async (method, request = {}) => (await client.start(method, request)).name,
    begin: async (method, request = {}) => {
      const { name } = await client.start(method, request);
      for await (const { metadata } of client.updates(name)) if (metadata["state"] !== "PENDING") break;
      return name;
    },
    ended: async (...names) => {
      const code = await server.ended;
      const opened = await openStore(store, { readOnly: true });
      const records = await Promise.all(names.map((name) => opened.read(name.replace("operations/", ""))));
      await opened.close();
      return [code, ...records.map((record) => record ?? assert.fail("no record"))];
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const given = { state: "PENDING", failedAttempts: 0 };
const counted = { state: "PENDING", failedAttempts: 1 };
const shown = ({ state, failedAttempts }: Operation) => ({ state, failedAttempts });

describe("the log of a server", () => {
  it("can lose its reader without ending the server, which drains when it is told to", async () => {
    await using each = await run({ flags: ["--drain", "0s"] });
    each.server.process.stderr?.destroy();
    each.server.process.stdout?.destroy();
    for (let call = 0; call < 3; call++) await each.begin("fail", { length: call });
    const held = await each.begin("hold");
    each.server.process.kill("SIGTERM");
    const [code, record] = await each.ended(held);
    assert.equal(code, EXIT.succeeded);
    assert.deepEqual(record && shown(record), given);
  });

  it("can be on a full disk", {
    skip: existsSync("/dev/full") ? false : "there is no /dev/full",
  }, async () => {
    const full = openSync("/dev/full", "w");
    await using each = await run({ stderr: full });
    closeSync(full);
    for (let call = 0; call < 3; call++) await each.begin("fail", { length: call });
    await each.begin("quick");
    assert.equal(await each.server.end("SIGTERM"), EXIT.succeeded);
  });

  it("can have a reader that does not read, and reports how many lines were dropped when it does", async () => {
    await using each = await run({ flags: ["--log-level", "debug"] });
    const { stderr } = each.server.process;
    assert.ok(stderr !== null);
    stderr.pause();
    await Promise.all(Array.from({ length: 200 }, () => each.begin("fail", { length: 15_000 })));
    stderr.resume();
    await logContains(each.server, '"message":"lines of this log were dropped: it could not be written"');
    assert.equal(await each.server.end("SIGTERM"), EXIT.succeeded);
  });
});

async function logContains(server: ServerProcess, text: string): Promise<void> {
  while (!server.log().includes(text)) await once(server.process.stderr ?? assert.fail("no log"), "data");
}

describe("a server's process", () => {
  it("ends when it has drained, whatever a module left behind", async () => {
    await using each = await run();
    assert.equal(await each.server.end("SIGTERM"), EXIT.succeeded);
  });

  it("ends when its database is deleted, says so and what to do, and exits with 1", async () => {
    await using each = await run();
    await each.begin("quick");
    rmSync(each.store.replace("sqlite:", ""));
    assert.equal(await each.server.ended, EXIT.failed);
    assert.match(
      each.server.log(),
      /\.db\\" was deleted or renamed while the server had it open\. Put the file back/,
    );
  });

  it("gives way to a new server after its lock was deleted", async () => {
    await using each = await run();
    rmSync(`${each.store.replace("sqlite:", "")}.lock`);
    // It must not end before the other looks: otherwise the new lock could get the inode of the old
    // one, and nobody would wait.
    each.server.process.kill("SIGSTOP");
    const goOn = (log: string): void => {
      if (log.includes("lock was deleted; waiting")) each.server.process.kill("SIGCONT");
    };
    await using next = await startServerProcess({ file, store: each.store, onLog: goOn });
    assert.equal(await each.server.ended, EXIT.failed);
    assert.equal(await next.end("SIGTERM"), EXIT.succeeded);
  });

  it("ends despite a handler that ignores its signal, names it, and exits with 1", async () => {
    await using each = await run({ flags: ["--drain", "0s"] });
    const name = await each.begin("stubborn");
    assert.equal(await each.server.end("SIGTERM"), EXIT.failed);
    const [, record] = await each.ended(name);
    assert.deepEqual(record === undefined ? undefined : shown(record), given);
    assert.match(
      each.server.log(),
      new RegExp(`ignored its abort signal.*"operation":"${name}"|"operation":"${name}".*ignored its abort`),
    );
  });

  it("ends at once with a second signal", async () => {
    await using each = await run({ flags: ["--drain", "1h"] });
    await each.begin("stubborn");
    each.server.process.kill("SIGTERM");
    await logContains(each.server, '"message":"stopping: 1 running');
    assert.equal(await each.server.end("SIGINT"), EXIT.interrupted);
  });

  it("ends at once with a signal while it starts", async () => {
    const slow = join(directory, "slow.mjs");
    writeFileSync(slow, 'console.log("loading"); setInterval(() => {}, 1_000); await new Promise(() => {});');
    const words = [source("cli/main.ts"), "serve", slow, "--store", "sqlite::memory:", "--port", "0"];
    const starting = spawn(process.execPath, words, { stdio: ["ignore", "pipe", "ignore"] });
    await once(starting.stdout, "data");
    starting.kill("SIGTERM");
    assert.deepEqual(await once(starting, "exit"), [EXIT.interrupted, null]);
  });

  it("works with its standard input, output and error closed", async () => {
    await using first = await run({ flags: ["--drain", "0s"] });
    const name = await first.begin("quit");
    assert.equal(await first.server.end("SIGTERM"), EXIT.succeeded);
    // Its second attempt ends the server that runs it.
    const words = [source("cli/main.ts"), "serve", file, "--store", first.store, "--port", "0"];
    const closed = spawn("sh", ["-c", `exec "$@" <&- >&- 2>&-`, "sh", process.execPath, ...words], {
      stdio: "ignore",
    });
    assert.deepEqual(await once(closed, "exit"), [EXIT.succeeded, null]);
    const [, record] = await first.ended(name);
    assert.equal(record?.state, "SUCCEEDED");
  });
});

describe("misbehaviour of a handler", () => {
  for (const [method, message, own] of [
    ["reject", "left behind", { state: "SUCCEEDED", failedAttempts: 0 }],
    ["throws", "in a timer", counted],
    ["exit", "A handler called process.exit", counted],
  ] as const) {
    it(`${method}: costs other operations no attempt, is logged with its operation, and the process exits with 1`, async () => {
      await using each = await run();
      const held = await each.begin("hold");
      const name = await each.start(method);
      const [code, ...records] = await each.ended(held, name);
      assert.equal(code, EXIT.failed);
      assert.deepEqual(records.map(shown), [given, own]);
      const lines = each.server.log().trimEnd().split("\n");
      const line = lines.find((text) => text.includes("ends this process")) ?? assert.fail(lines.join("\n"));
      const {
        operation,
        method: logged,
        attempt,
        error,
        level,
        traceId,
      } = JSON.parse(line) as Record<string, unknown>;
      assert.deepEqual([operation, logged, attempt, level, traceId], [name, method, 1, "error", TRACE_ID]);
      assert.match(String(error), new RegExp(message));
    });
  }

  it("a call of process.exit outside of handlers is logged and is no success", async () => {
    await using each = await run();
    await each.begin("hold");
    each.server.process.kill("SIGUSR2");
    assert.equal(await each.server.ended, EXIT.failed);
    assert.match(each.server.log(), /other code ended the process; the running/);
    assert.match(each.server.log(), /"running":1/);
  });
});

describe("a command whose output cannot be written", () => {
  it("says so and exits with 7", { skip: existsSync("/dev/full") ? false : "there is no /dev/full" }, () => {
    const full = openSync("/dev/full", "w");
    const { status, stderr } = spawnSync(process.execPath, [source("cli/main.ts"), "--help"], {
      stdio: ["ignore", full, "pipe"],
      encoding: "utf8",
    });
    closeSync(full);
    assert.equal(status, EXIT.refused);
    assert.match(stderr, /^error: Standard output cannot be written: ENOSPC.*\n$/);
  });
});

describe("ServerRun", () => {
  it("leaves no listener of a signal behind if it cannot open", async () => {
    using world = aWorld();
    const log = { flush: () => {} };
    const options = { io: world.io, tell: silence, log, drainMs: 0, drainDelayMs: 0 };
    const ended = new ServerRun(options).run(
      () => Promise.reject(new Error("no store")),
      () => {},
    );
    await assert.rejects(ended, /no store/);
  });
});
