import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, type Http2SecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, before, suite, test, type TestContext } from "node:test";
import { gzipSync } from "node:zlib";
import compression from "compression";
import express from "express";
import Fastify, { type FastifyInstance } from "fastify";
import { z } from "zod";
import { createClient } from "../src/client/index.ts";
import { defineMethod, type OpenedOperations, openOperations, REASONS } from "../src/index.ts";
import { startTestServer, type TestServer } from "../src/testing/index.ts";
import { FIRST_PAIR } from "../src/server/listening/certificates.suite.ts";
import { driveMounted, runModule, runMounted, stopMounted } from "./support/mounting-page.ts";
import { blocksOf, openProject, ROOT } from "./support/page.ts";

/** The TypeScript of pages runs unchanged in one process, except for ports and stores. */

interface Project {
  readonly folder: string;
  readonly files: readonly string[];
}

const post = (url: string, headers: Record<string, string>, body: string | Buffer): Promise<Response> =>
  fetch(url, { method: "POST", headers, body });

/** The TypeScript of a page as modules of one project. */
function projectOf(page: string, placed: (code: string) => string = (code) => code): Project {
  const blocks = blocksOf(page).filter(({ language }) => language === "ts");
  for (const { file, code } of blocks) assert.notEqual(file, "", code);
  const files = blocks.map(({ file, code }) => ({ file, code: placed(code) }));
  return { folder: openProject(files), files: files.map(({ file }) => file) };
}

suite("docs/testing.md", async () => {
  const { folder, files } = projectOf("testing.md");
  const tests = files.filter((file) => file.endsWith(".test.ts"));
  assert.equal(tests.length, 3);
  for (const file of tests) await import(join(folder, file));
});

suite("docs/client.md", () => {
  const createArchive = defineMethod({
    name: "createArchive",
    request: z.object({ directory: z.string().min(1) }),
    response: z.object({ path: z.string() }),
    metadata: z.object({ progressPercent: z.number() }),
    async run({ directory }, { signal, report }) {
      report({ progressPercent: 50 });
      if (directory === "large") await once(signal, "abort");
      signal.throwIfAborted();
      return { path: `${directory}.tar.gz` };
    },
  });

  let server: TestServer;
  let folder = "";
  before(async () => {
    server = await startTestServer([createArchive]);
    const { host } = new URL(server.url);
    ({ folder } = projectOf("client.md", (code) => code.replaceAll("127.0.0.1:8080", host)));
  });
  after(() => server[Symbol.asyncDispose]());

  /** Runs a module of the page against the server. @returns its output and its exports */
  async function ran(
    context: TestContext,
    file: string,
  ): Promise<{ readonly printed: readonly unknown[][]; readonly module: unknown }> {
    const log = context.mock.method(console, "log", () => undefined);
    const module: unknown = await import(join(folder, file));
    log.mock.restore();
    return { printed: log.mock.calls.map((call) => call.arguments), module };
  }

  const NAME = /^operations\/[0-9a-f-]{36}$/;
  const printed: Readonly<Record<string, (lines: readonly unknown[][]) => void>> = {
    "start.ts": (lines) => assert.deepEqual(lines, [["docs.tar.gz"]]),
    "progress.ts": (lines) => {
      assert.equal(lines.at(-1)?.[0], "SUCCEEDED");
      assert.equal(lines.at(-1)?.[1], 50);
    },
    "cancel.ts": (lines) => assert.deepEqual(lines, [["CANCELLED"]]),
    "many.ts": ([first, second, third]) => {
      assert.match(String(first?.[0]), NAME);
      assert.match(String(second?.[0]), NAME);
      assert.deepEqual(third, ["REQUEST_INVALID"]);
    },
    "credentials.ts": ([line]) => assert.match(String(line?.[0]), NAME),
    "grpc.ts": (lines) => assert.deepEqual(lines, [[{ path: "docs.tar.gz" }]]),
  };
  for (const [file, check] of Object.entries(printed))
    test(`${file} prints what its page says`, async (context) => check((await ran(context, file)).printed));

  test("errors.ts distinguishes errors", async (context) => {
    const { archived } = (await ran(context, "errors.ts")).module as {
      readonly archived: (directory: unknown) => Promise<string>;
    };
    assert.equal(await archived("docs"), "archived");
    assert.match(await archived(7), /^Invalid request for createArchive: .*directory/);
  });

  test("has no module that is not run here, and only existing reasons", () => {
    const source = readFileSync(join(ROOT, "src/client/error.ts"), "utf8");
    const page = readFileSync(join(ROOT, "docs/client.md"), "utf8");
    const reasons = Array.from(page.matchAll(/[`"]([A-Z]+(?:_[A-Z]+)+)[`"]/g), ([, reason = ""]) => reason);
    assert.equal(new Set(reasons).size, 4);
    for (const reason of reasons)
      assert.ok(reason in REASONS || source.includes(`reason: "${reason}"`), reason);
    const files = blocksOf("client.md").map(({ file }) => file);
    assert.deepEqual(files.toSorted(), [...Object.keys(printed), "errors.ts"].toSorted());
  });
});

suite("docs/mounting.md", () => {
  for (const [file, expressions] of Object.entries({
    "node.ts": { server: "server" },
    "express.ts": { server: "server" },
    "hono.ts": { server: "server" },
    "fastify.ts": { server: "app.server", stop: "app.close()" },
  })) {
    test(`${file} serves operations beside its own routes, and stops`, async () => {
      const mounted = await runMounted(file, expressions);
      await driveMounted(mounted);
      assert.equal(await (await fetch(mounted.url)).text(), "my own page");
      await stopMounted(mounted);
    });
  }

  test("fastify.ts answers without a port", async () => {
    const { app } = (await runModule("fastify.ts", "export { app };")) as { readonly app: FastifyInstance };
    const answer = await app.inject({ method: "POST", url: "/tools/v1:createArchive", payload: {} });
    assert.deepEqual([answer.statusCode, /REQUEST_INVALID/.test(answer.body)], [400, true]);
    await app.close();
  });

  const stop = "(server.closeAllConnections(), server.close(), operations.stop())";

  test("callers.ts has the users of the middleware as callers", async () => {
    const others = 'import("./operations.ts").then((others) => others.operations.stop())';
    const mounted = await runMounted("callers.ts", { server: "server", stop: `(${stop}, ${others})` });
    const url = `${mounted.url}/tools/v1/operations`;
    assert.equal((await fetch(url, { headers: { cookie: "session=1" } })).status, 200);
    assert.equal((await fetch(url, { headers: { "x-user": "ada@example.com" } })).status, 401);
    const part =
      "--b\r\ncontent-type: application/http\r\n\r\nGET /tools/v1/operations HTTP/1.1\r\nx-user: ada@example.com\r\n\r\n--b--";
    const type = { "content-type": "multipart/mixed; boundary=b" };
    const batch = await post(`${mounted.url}/tools/batch`, type, part);
    assert.match(await batch.text(), /HTTP\/1\.1 401|CREDENTIALS_MISSING/);
    await mounted.stop();
  });

  test("admin.ts admits operators, and nobody else", async () => {
    const mounted = await runMounted("admin.ts", { server: "server", stop });
    const url = `${mounted.url}/ops/v1/session`;
    const session = await fetch(url, { headers: { authorization: "Bearer secret" } });
    assert.match(await session.text(), /"access":/);
    assert.equal((await fetch(url)).status, 403);
    await mounted.stop();
  });

  test("grpc.ts serves operations over gRPC", async () => {
    const { port, stopped } = (await runModule(
      "grpc.ts",
      "export const stopped = () => (grpc.forceShutdown(), operations.stop());",
    )) as { readonly port: number; readonly stopped: () => Promise<void> };
    const client = createClient(`grpc://127.0.0.1:${port}`);
    const operation = await client.start("createArchive", { directory: "docs" });
    assert.deepEqual(await client.result(operation), { path: "docs.tar.gz" });
    client.close();
    await stopped();
  });

  test("http2.ts serves operations over HTTP/2", async () => {
    const { serverFor, operations } = (await runModule("http2.ts", "export { operations };")) as {
      readonly serverFor: (tls: typeof FIRST_PAIR) => Http2SecureServer;
      readonly operations: OpenedOperations;
    };
    const server = serverFor(FIRST_PAIR).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const session = connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    assert.match(await text(session.request({ ":path": "/v1/operations" })), /^\{/);
    session.close();
    server.close();
    await once(server, "close");
    await operations.stop();
  });
});

/** Serves with a framework, and calls the service in it. */
async function calledIn(
  server: Server,
  operations: OpenedOperations,
  calls: (url: string) => Promise<void>,
): Promise<void> {
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  try {
    await calls(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1:echo`);
  } finally {
    server.closeAllConnections();
    server.close();
    await operations.stop();
  }
}

suite("a service that is mounted behind other middleware", () => {
  const echo = defineMethod({
    name: "echo",
    request: z.object({ text: z.string() }),
    response: z.object({ text: z.string() }),
    run: (request) => request,
  });
  const opened = (): Promise<OpenedOperations> =>
    openOperations({ methods: [echo], store: "sqlite::memory:" });
  const json = { "content-type": "application/json" };

  test("accepts the output of Express's parsers, and refuses parsed forms", async () => {
    const operations = await opened();
    const app = express();
    app.use(compression({ threshold: 0 }), express.json(), express.urlencoded());
    app.use(operations.requestListener());
    await calledIn(createServer(app), operations, async (url) => {
      const packed = await post(url, { ...json, "content-encoding": "gzip" }, gzipSync('{"text":"a"}'));
      const { name } = (await packed.json()) as { readonly name: string };
      assert.deepEqual((await operations.wait(name)).response, { text: "a" });
      const root = url.replace("v1:echo", "");
      for (let poll = 0; poll < 3; poll++) {
        const polled = await fetch(`${root}v1/${name}`);
        assert.equal(((await polled.json()) as { done: true }).done, true);
        assert.equal(polled.headers.get("x-powered-by"), "Express");
      }
      const watch = await fetch(`${root}v1/${name}:watch`);
      assert.match(await watch.text(), /^event: operation$/m);
      assert.equal(watch.headers.get("content-encoding"), null);
      const form = await post(url, { "content-type": "application/x-www-form-urlencoded" }, '{"text":"a"}');
      assert.deepEqual([form.status, /BODY_CONSUMED/.test(await form.text())], [500, true]);
    });
  });

  test("says that Fastify's parser took the body", async () => {
    const operations = await opened();
    const service = operations.requestListener();
    const app = Fastify();
    app.all("/*", (request, reply) => {
      reply.hijack();
      service(request.raw, reply.raw);
    });
    await app.ready();
    await calledIn(app.server, operations, async (url) => {
      const answer = await post(url, json, '{"text":"a"}');
      assert.deepEqual([answer.status, /BODY_CONSUMED/.test(await answer.text())], [500, true]);
    });
  });
});
