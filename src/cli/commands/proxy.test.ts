import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http, { type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { buffer, text } from "node:stream/consumers";
import { after, describe, it } from "node:test";
import { postgresForTests } from "../../../test/support/postgres.ts";
import { startProxyProcess } from "../../../test/support/server-process.ts";
import { settled } from "../../testing/manual-clock.ts";
import { openUpstream } from "../../proxy/proxy.suite.ts";
import { EXIT } from "../exit.ts";
import { aWorld, source } from "../world.suite.ts";

const directory = mkdtempSync(join(tmpdir(), "longrunning-proxy-"));
const server = await postgresForTests();
after(async () => {
  rmSync(directory, { recursive: true, force: true });
  await server[Symbol.asyncDispose]();
});

interface Proxy extends AsyncDisposable {
  readonly url: string;
  readonly process: ChildProcess;
}

/** Runs a proxy as operators do. */
function runProxy(upstream: string, store: string, ...flags: string[]) {
  const words = [
    source("cli/main.ts"),
    "proxy",
    "--upstream",
    upstream,
    "--store",
    store,
    "--port",
    "0",
    ...flags,
  ];
  const run = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...words]);
  const told: string[] = [];
  run.stderr.on("data", (chunk) => void told.push(String(chunk)));
  return { run, told };
}

/** The same, but waits until it listens. */
async function startProxy(upstream: string, store: string, ...flags: string[]): Promise<Proxy> {
  const { run: started, told } = runProxy(upstream, store, ...flags);
  const ended = once(started, "close").then(([code, signal]) =>
    assert.fail(`The proxy ended with ${code ?? signal}:\n${told.join("")}`),
  );
  const [line] = (await Promise.race([once(createInterface(started.stdout), "line"), ended])) as [string];
  ended.catch(() => {});
  const url = /^Proxy on (\S+) before /.exec(line)?.[1] ?? assert.fail(line);
  return {
    url,
    process: started,
    [Symbol.asyncDispose]: async () => {
      if (started.exitCode !== null || started.signalCode !== null) return;
      started.kill("SIGKILL");
      await once(started, "exit");
    },
  };
}

const ASYNC = { prefer: "respond-async" };

describe("longrunning proxy", () => {
  it("refuses nonsensical options, and says what to do", async () => {
    const world = aWorld();
    assert.equal(await world.run("proxy"), EXIT.usage);
    assert.equal(
      await world.run("proxy", "--upstream", "http://a/base", "--store", "sqlite::memory:"),
      EXIT.refused,
    );
    assert.equal(await world.run("proxy", "--upstream", "http://a", "--async", "POST reports"), EXIT.usage);
    assert.equal(
      await world.run("proxy", "--upstream", "http://a", "--host", "0.0.0.0", "--port", "0"),
      EXIT.refused,
    );
  });

  it("after a kill between commit and answer, the next start repeats safe requests and fails the others", async () => {
    const store = `sqlite:${join(directory, "killed.db")}`;
    const held: ServerResponse[] = [];
    let answer: RequestListener = (_request, response) => void held.push(response);
    await using upstream = await openUpstream((request, response) => answer(request, response));
    const first = await startProxy(upstream.url, store);
    const asked = await Promise.all([
      fetch(first.url, { method: "PUT", body: "a", headers: ASYNC }),
      fetch(first.url, { method: "POST", body: "b", headers: { ...ASYNC, "idempotency-key": "k" } }),
      fetch(first.url, { method: "POST", body: "c", headers: ASYNC }),
    ]);
    while (held.length < 3) await settled();
    first.process.kill("SIGKILL");
    await once(first.process, "exit");
    answer = (request, response) => void request.pipe(response.writeHead(201));
    await using second = await startProxy(upstream.url, store);
    const done = await Promise.all(
      asked.map(async ({ headers }) => {
        const address = second.url + (headers.get("location") ?? "");
        const settledAnswer = await fetch(address, { headers: { prefer: "wait=60" } });
        return [settledAnswer.status, (await settledAnswer.text()).slice(0, 1)];
      }),
    );
    assert.deepEqual(done, [
      [201, "a"],
      [201, "b"],
      [502, "{"],
    ]);
    assert.equal(upstream.asked.length, 5);
  });

  it("holds none of 16 bodies of 8 MiB in memory while the upstream reads nothing", {
    skip: existsSync("/proc/self/status") ? false : "no /proc",
  }, async () => {
    const [count, bytes] = [16, 8 * 1_048_576];
    const arrived: (() => Promise<void>)[] = [];
    const allArrived = Promise.withResolvers<void>();
    await using upstream = await openUpstream((incoming, response) => {
      arrived.push(async () => void response.end(String((await buffer(incoming)).length)));
      if (arrived.length === count) allArrived.resolve();
    });
    const nodeFlags = ["--max-old-space-size=48"];
    const store = "sqlite::memory:";
    await using proxy = await startProxyProcess({ upstream: upstream.url, store, nodeFlags });
    const mebibytes = (field: string): number => {
      const status = readFileSync(`/proc/${proxy.process.pid}/status`, "utf8");
      return Number(new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1_024;
    };
    const before = mebibytes("VmRSS");
    const body = Buffer.alloc(bytes);
    const ask = async (): Promise<string> => {
      const asked = http
        .request(proxy.url, { method: "POST", headers: { "content-length": bytes } })
        .end(body);
      const [answer] = (await once(asked, "response")) as [IncomingMessage];
      return await text(answer);
    };
    const asking = Array.from({ length: count }, ask);
    await allArrived.promise;
    for (const read of arrived) await read();
    assert.deepEqual(new Set(await Promise.all(asking)), new Set([String(bytes)]));
    const grown = mebibytes("VmHWM") - before;
    assert.ok(grown < (count * bytes) / 1_048_576 / 2, `the proxy took ${grown} MiB more`);
  });

  it("SIGTERM lets passed-through and stored requests end", async () => {
    const held: ServerResponse[] = [];
    await using upstream = await openUpstream((_request, response) => void held.push(response));
    const store = `sqlite:${join(directory, "drained.db")}`;
    await using proxy = await startProxy(upstream.url, store);
    const kept = await fetch(proxy.url, { method: "PUT", headers: ASYNC });
    const passed = fetch(`${proxy.url}/passed`);
    while (held.length < 2) await settled();
    const ended = once(proxy.process, "exit");
    proxy.process.kill("SIGTERM");
    for (const response of held) response.end("done");
    assert.equal(await (await passed).text(), "done");
    assert.deepEqual(await ended, [EXIT.succeeded, null]);
    await using again = await startProxy(upstream.url, store);
    const done = await fetch(again.url + (kept.headers.get("location") ?? ""));
    assert.deepEqual([done.status, await done.text()], [200, "done"]);
  });

  for (const [name, storeOf] of [
    ["SQLite", async () => `sqlite:${join(directory, "sealed.db")}`],
    ["PostgreSQL", () => server.createDatabase()],
  ] as const) {
    it(`forwards credentials after a crash, with the key that encrypted them and no other, on ${name}`, async () => {
      const store = await storeOf();
      const [old = "", next = ""] = ["1", "2"].map((digit) => {
        const file = join(directory, `${name}-${digit}`);
        writeFileSync(file, digit.repeat(64), { mode: 0o600 });
        return `file:${file}`;
      });
      const isHeld = Promise.withResolvers<void>();
      let answer: RequestListener = () => isHeld.resolve();
      await using upstream = await openUpstream((request, response) => answer(request, response));
      // PostgreSQL's next process waits for the end of the lease. A shorter one ends while a busy machine
      // does not renew it, and after three such attempts nothing asks the upstream any more.
      const flags = ["--lease", "3s", "--forward-credentials", "--no-encrypt", "--kek"];
      const first = await startProxy(upstream.url, store, ...flags, old);
      const headers = { ...ASYNC, authorization: "Bearer t", cookie: "a=1", "x-api-key": "k" };
      const asked = await fetch(first.url, { method: "PUT", headers });
      await isHeld.promise;
      first.process.kill("SIGKILL");
      await once(first.process, "exit");
      answer = (_request, response) => void response.end("done");
      const { run, told } = runProxy(upstream.url, store, ...flags, next);
      assert.deepEqual(await once(run, "close"), [EXIT.refused, null]);
      assert.match(told.join(""), /the KEK [0-9a-f]{16}, which this process does not have/);
      {
        await using second = await startProxy(upstream.url, store, ...flags, `${next},${old}`);
        const address = second.url + (asked.headers.get("location") ?? "");
        assert.equal(await (await fetch(address, { headers: { prefer: "wait=60" } })).text(), "done");
        const sent = upstream.asked.at(-1)?.headers ?? {};
        assert.deepEqual(
          [sent.authorization, sent.cookie, sent["x-api-key"]],
          [headers.authorization, headers.cookie, headers["x-api-key"]],
        );
        second.process.kill("SIGTERM");
        await once(second.process, "exit");
      }
    });
  }
});
