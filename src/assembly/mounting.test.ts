import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { suite, test } from "node:test";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { createClient } from "../client/index.ts";
import { defineMethod } from "../core/method/method.ts";
import type { NodeListener, RequestListenerOptions } from "./mounting.ts";
import { openOperations } from "./open.ts";

const echo = defineMethod({
  name: "echo",
  request: z.object({ text: z.string() }),
  response: z.object({ text: z.string() }),
  run: (request) => request,
});

type Framework = (listener: NodeListener) => (request: IncomingMessage, response: ServerResponse) => void;

/** A service in a server of its own. */
async function opened(
  options?: RequestListenerOptions,
  framework: Framework = (listener) => listener,
  more: { readonly publicUrl?: string } = {},
) {
  const operations = await openOperations({ methods: [echo], store: "sqlite::memory:", ...more });
  const server = createServer(framework(operations.requestListener(options))).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    operations,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await operations.stop();
    },
  };
}

/** Removes the prefix as Express does. */
const stripped: Framework = (listener) => (request, response) => {
  const { url = "" } = request;
  Object.assign(request, { originalUrl: url, url: url.slice("/tools".length) });
  listener(request, response);
};

/** Reads the body as body parsers do. */
const parsing =
  (parsed: (bytes: Buffer) => unknown): Framework =>
  (listener) =>
  async (request, response) => {
    const body = parsed(Buffer.concat(await request.toArray()));
    listener(Object.assign(request, { body }), response);
  };

interface Document {
  readonly rootUrl: string;
}

suite("requestListener() below a path", () => {
  for (const [name, options, framework] of [
    ["by its option", { path: "/tools/" }, undefined],
    ["by a framework that removes it", undefined, stripped],
  ] as const) {
    test(`has all its addresses there: ${name}`, async () => {
      await using service = await opened(options, framework);
      const root = `${service.url}/tools/`;
      const client = createClient(root);
      const done = await client.untilDone(await client.start(echo, { text: "a" }));
      assert.deepEqual(done.response, { text: "a" });
      for (const path of ["$discovery/rest", "openapi.json"])
        assert.ok((await (await fetch(root + path)).text()).includes(`"${root.slice(0, -1)}`), path);
      const document = (await (await fetch(`${root}$discovery/rest`)).json()) as Document;
      assert.equal(document.rootUrl, root);
      const headers = { prefer: "respond-async", "content-type": "application/json" };
      const started = await fetch(`${root}v1:echo?delay=60s`, {
        method: "POST",
        headers,
        body: '{"text":"b"}',
      });
      const location = started.headers.get("location") ?? "";
      assert.ok(location.startsWith(`${root}v1/operations/`), location);
      assert.equal((await fetch(location)).status, 200);
      const batch = `--b\r\ncontent-type: application/http\r\n\r\nGET /tools/v1/${done.name} HTTP/1.1\r\n\r\n--b--`;
      const type = { "content-type": "multipart/mixed; boundary=b" };
      const parts = await fetch(`${root}batch`, { method: "POST", headers: type, body: batch });
      assert.match(await parts.text(), /HTTP\/1\.1 200 OK[^]*"done": true/);
    });
  }

  test("uses the public address", async () => {
    const publicUrl = "https://a.example/x/";
    await using service = await opened({ path: "/tools/" }, undefined, { publicUrl });
    const document = await fetch(`${service.url}/tools/$discovery/rest`);
    assert.equal(((await document.json()) as Document).rootUrl, publicUrl);
  });

  test("refuses unknown options", async () => {
    await using service = await opened();
    const listener = (options: object) => () => service.operations.requestListener(options);
    assert.throws(listener({ path: "tools" }), /^TypeError: requestListener: path: expected a path/);
    assert.throws(listener({ prefix: "/" }), /^TypeError: requestListener: there is no option "prefix"/);
  });
});

const post = (url: string, body: string | Buffer, headers = {}): Promise<Response> =>
  fetch(`${url}/v1:echo`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body,
  });

suite("requestListener() behind a body parser", () => {
  test("uses the parsed value, which is no longer compressed", async () => {
    await using service = await opened(
      undefined,
      parsing(() => ({ text: "parsed" })),
    );
    const answer = await post(service.url, gzipSync('{"text":"sent"}'), { "content-encoding": "gzip" });
    assert.equal(answer.status, 200);
    const { name } = (await answer.json()) as { readonly name: string };
    assert.deepEqual((await service.operations.wait(name)).response, { text: "parsed" });
  });

  test("says that the body is lost, and starts nothing", async () => {
    await using service = await opened(
      undefined,
      parsing(() => undefined),
    );
    const answer = await post(service.url, '{"text":"a"}');
    assert.equal(answer.status, 500);
    assert.match(await answer.text(), /Mount the service before all body parsers[^]*BODY_CONSUMED/);
    assert.equal((await service.operations.list()).operations.length, 0);
  });
});
