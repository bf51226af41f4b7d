import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import type { JsonObject } from "../src/core/operation/payload.ts";
import { parseRules } from "../src/access/rules.ts";
import { type Client, createClient } from "../src/client/index.ts";
import { REASONS } from "../src/core/error/error.ts";
import type { Method } from "../src/core/method/method.ts";
import { LIMITS } from "../src/core/limits.ts";
import {
  attemptOfJson,
  completionOfJson,
  failureOfJson,
  renewalOfJson,
} from "../src/server/workers/worker-bodies.ts";
import { loadMethods } from "../src/assembly/methods-file.ts";
import { startTestServer, type TestServer } from "../src/testing/index.ts";

/** The snippets of docs/workers.md run unchanged, except for addresses, names and tokens. */

const text = readFileSync(new URL("../docs/workers.md", import.meta.url), "utf8");
const ADDRESS = "http://127.0.0.1:8080";
const snippets = (language: string): readonly string[] =>
  Array.from(text.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, "g")), ([, code = ""]) => code);
const [
  SERVE = "",
  START = "",
  CLAIM = "",
  RENEW = "",
  COMPLETE = "",
  FAIL = "",
  RELEASE = "",
  WORKER = "",
  COMMAND = "",
] = snippets("sh");
const [DECLARED = "", ...RULES] = snippets("yaml");
const tools = ["curl", "jq"].filter((each) => spawnSync(each, ["--version"]).error !== undefined);
const skip = tools.length === 0 ? false : `no ${tools.join(", no ")}`;

/** A folder with the page's method and worker. */
const folder = mkdtempSync(join(tmpdir(), "longrunning-workers-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
const workerFile = join(folder, "worker.sh");
writeFileSync(workerFile, WORKER);
const index = new URL("../src/index.ts", import.meta.url).href;
const zod = import.meta.resolve("zod");
const methodFile = join(folder, "methods.ts");
const [CODE = ""] = snippets("ts");
writeFileSync(
  methodFile,
  CODE.replace('"longrunning"', JSON.stringify(index)).replace('"zod"', JSON.stringify(zod)),
);
const { countWords } = (await import(methodFile)) as { readonly countWords: Method };
const [, declaredFile = ""] = /--methods (\S+)/.exec(SERVE) ?? [];
writeFileSync(join(folder, declaredFile), DECLARED);
const declared = await loadMethods(join(folder, declaredFile));

interface Attempt {
  readonly name: string;
  readonly token: string;
}

/** Runs a line of the page, and returns the JSON that it prints. */
async function ran(server: TestServer, code: string, { name, token }: Attempt): Promise<JsonObject> {
  const placed = code
    .replaceAll(ADDRESS, server.url)
    .replaceAll("operations/0199…", name)
    .replaceAll("q83…", token);
  const shell = spawn("sh", ["-c", placed], { stdio: ["ignore", "pipe", "inherit"] });
  let shown = "";
  shell.stdout.setEncoding("utf8").on("data", (chunk: string) => (shown += chunk));
  await once(shell, "close");
  return JSON.parse(shown) as JsonObject;
}

const NOBODY: Attempt = { name: "", token: "" };

/** Starts an operation and claims it with the lines of the page. */
async function claimed(server: TestServer): Promise<Attempt> {
  await ran(server, START, NOBODY);
  const { claims } = (await ran(server, CLAIM, NOBODY)) as {
    readonly claims: readonly [{ attempt: Attempt }];
  };
  return claims[0].attempt;
}

describe("docs/workers.md", () => {
  it("has a line for each call", { skip }, async () => {
    await using server = await startTestServer(declared);
    const client = createClient(server.url);
    const done = await claimed(server);
    assert.deepEqual(await ran(server, RENEW, done), { held: true, lease: "30s", cancelRequested: false });
    const running = await client.get(done.name);
    assert.equal((running.metadata as { readonly percent?: number }).percent, 40);
    assert.deepEqual(await ran(server, COMPLETE, done), { state: "SUCCEEDED" });
    assert.deepEqual(await ran(server, COMPLETE, done), { state: "SUCCEEDED" }, "again");
    assert.deepEqual((await client.get(done.name)).response, { words: 6 });
    assert.deepEqual(await ran(server, FAIL, await claimed(server)), { state: "PENDING" });
    const released = await claimed(server);
    assert.deepEqual(await ran(server, RELEASE, released), { state: "PENDING" });
    const lost = JSON.stringify(await ran(server, RENEW, released)).replaceAll(
      released.name,
      "operations/0199…",
    );
    assert.deepEqual(JSON.parse(lost), JSON.parse(snippets("json").at(-1) ?? ""));
  });

  it("has valid bodies with many entries", () => {
    const bodies = snippets("json").slice(1);
    const read = {
      renewals: (value: unknown) => assert.equal(renewalOfJson(value, "r").refused, undefined),
      completions: (value: unknown) => completionOfJson(value, { place: "c" }),
      failures: (value: unknown) => failureOfJson(value, { place: "f" }),
      attempts: (value: unknown) => attemptOfJson(value, "a"),
    };
    const seen = bodies.flatMap((body) => {
      const parsed = JSON.parse(body) as Record<string, unknown>;
      return Object.keys(read).filter((field) => {
        const list = parsed[field];
        if (Array.isArray(list)) for (const each of list) read[field as keyof typeof read](each);
        return Array.isArray(list);
      });
    });
    assert.deepEqual(seen, Object.keys(read));
  });

  it("has access rules without mistakes, and reasons and limits that exist", async () => {
    assert.equal(RULES.length, 1);
    for (const rules of RULES) assert.equal((await parseRules(rules, "workers.md")).grants.length, 1);
    const reasons = [...text.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, reason = ""]) => reason);
    assert.ok(reasons.length > 10);
    assert.deepEqual(
      reasons.filter((reason) => !(reason in REASONS)),
      [],
    );
    assert.equal(LIMITS.remoteMessageBytesMax, 3 * 1_048_576);
    for (const shown of [
      "1 to 100 names",
      "1 to 128 characters",
      "0 to 1000",
      "`5s` to `600s`",
      "`60s`",
      "20,000",
    ])
      assert.ok(text.includes(shown), shown);
    const { remoteMethodsMax, remoteWorkerLengthMax, remoteEntriesMax, jsonValuesMax, claimWaitMsMax } =
      LIMITS;
    assert.deepEqual(
      [remoteMethodsMax, remoteWorkerLengthMax, remoteEntriesMax, jsonValuesMax, claimWaitMsMax],
      [100, 128, 1_000, 20_000, 60_000],
    );
    assert.deepEqual([LIMITS.remoteLeaseMsMin, LIMITS.remoteLeaseMsMax], [5_000, 600_000]);
  });
});

/** The worker of the page, in a process of its own. */
class ShellWorker implements AsyncDisposable {
  readonly #process: ChildProcess;
  shown = "";
  /** Whether all its output has been read. */
  #isClosed = false;
  #listener: () => void = () => undefined;

  constructor(
    server: Pick<TestServer, "url">,
    args: string,
    environment: Readonly<Record<string, string>> = {},
  ) {
    const env = { ...process.env, SERVER: server.url, LEASE: "5s", ...environment };
    const code = `exec sh ${workerFile} ${args}`;
    this.#process = spawn("sh", ["-c", code], { env, stdio: ["ignore", "pipe", "pipe"], detached: true });
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream?.setEncoding("utf8").on("data", (chunk: string) => {
        this.shown += chunk;
        this.#listener();
      });
    this.#process.once("close", () => {
      this.#isClosed = true;
      this.#listener();
    });
  }

  /** Resolves when it has printed something. */
  async says(what: RegExp): Promise<void> {
    while (!what.test(this.shown))
      await new Promise<void>((resolve) => {
        this.#listener = resolve;
        assert.equal(this.#isClosed, false, this.shown);
      });
  }

  async stop(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const exited = once(this.#process, "exit");
    const { pid = 0 } = this.#process;
    // Together with its child processes: a claim that waits would keep the shell from handling a
    // signal.
    process.kill(signal === "SIGKILL" ? -pid : pid, signal);
    await exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop("SIGKILL");
  }
}

/** Resolves when an attempt has begun. */
async function isRunning(client: Client, name: string): Promise<void> {
  for await (const { metadata } of client.updates(name)) if (metadata.state === "RUNNING") return;
}

describe("the worker in docs/workers.md", { skip }, () => {
  it("does the work of the page's method", async () => {
    await using server = await startTestServer([countWords]);
    const client = createClient(server.url);
    await using worker = new ShellWorker(server, COMMAND.replace(/^sh worker.sh /, ""));
    const { name } = await client.start(countWords, { text: "to be or not to be" });
    assert.deepEqual((await client.untilDone(await client.get(name))).response, { words: 6 });
    await worker.says(new RegExp(`${name} SUCCEEDED`));
  });

  it("fails an operation if its command fails, with the text for operators, and if the result does not fit the schema", async () => {
    await using server = await startTestServer([countWords]);
    const client = createClient(server.url);
    const { name } = await client.start(countWords, { text: "a" });
    await using first = new ShellWorker(server, `countWords sh -c 'cat nowhere'`);
    const failed = await client.untilDone(await client.get(name));
    assert.deepEqual([failed.error?.code, failed.error?.message], ["INTERNAL", "The command failed."]);
    await first.stop("SIGKILL");
    const odd = await client.start(countWords, { text: "a" });
    await using worker = new ShellWorker(server, `countWords echo '{"words":"six"}'`);
    await worker.says(/ATTEMPT_RESPONSE_INVALID/);
    await worker.says(new RegExp(`${odd.name} PENDING`));
  });

  it("renews its lease while it works, and stops when a caller cancels", async () => {
    await using server = await startTestServer([countWords]);
    const client = createClient(server.url);
    await using worker = new ShellWorker(server, "countWords sleep 60");
    const { name } = await client.start(countWords, { text: "a" });
    await isRunning(client, name);
    await client.cancel(name);
    const { error } = await client.untilDone(await client.get(name));
    assert.equal(error?.code, "CANCELLED");
    await worker.says(new RegExp(`${name} CANCELLED`));
  });

  it("stops work whose lease it has lost", async () => {
    await using server = await startTestServer([countWords]);
    const client = createClient(server.url);
    await using worker = new ShellWorker(server, "countWords sleep 60");
    const { name } = await client.start(countWords, { text: "a" });
    await isRunning(client, name);
    await client.delete(name);
    await worker.says(new RegExp(`${name} lost`));
  });

  it("counts a lease from when it sent the claim, and renews at a third of the rest", async () => {
    const clock = join(mkdtempSync(join(folder, "clock-")), "date");
    // The claim has waited for a minute: 3 s of its lease are left.
    writeFileSync(
      clock,
      `#!/bin/sh\nif [ -e "$0.read" ]; then echo 160; else echo 100 && : >"$0.read"; fi\n`,
    );
    chmodSync(clock, 0o755);
    const attempt = { name: "operations/a", attempt: 1, token: "t" };
    const claims = [{ attempt, method: "countWords", request: {}, lease: "63s", cancelRequested: false }];
    await using fake = createServer((request, response) => {
      if (request.url?.endsWith(":claim")) response.end(JSON.stringify({ claims: claims.splice(0) }));
      else response.end(JSON.stringify({ held: false }));
    });
    await once(fake.listen(0, "127.0.0.1"), "listening");
    const { port } = fake.address() as AddressInfo;
    const path = `${dirname(clock)}:${process.env["PATH"]}`;
    const server = { url: `http://127.0.0.1:${port}` };
    await using worker = new ShellWorker(server, "countWords sleep 15", { PATH: path });
    await worker.says(/operations\/a lost/);
  });

  it("releases its work when it is told to stop", async () => {
    await using server = await startTestServer([countWords]);
    const client = createClient(server.url);
    await using worker = new ShellWorker(server, "countWords sleep 60");
    const { name } = await client.start(countWords, { text: "a" });
    await isRunning(client, name);
    await worker.stop("SIGTERM");
    await worker.says(new RegExp(`${name} PENDING`));
  });
});
