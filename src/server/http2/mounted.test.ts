import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  connect,
  createSecureServer,
  createServer,
  type Http2SecureServer,
  type Http2Server,
} from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { suite, test } from "node:test";
import { z } from "zod";
import { defineMethod } from "../../core/method/method.ts";
import type { NodeListener } from "../../assembly/mounting.ts";
import { openOperations } from "../../assembly/open.ts";
import { FIRST_PAIR } from "../listening/certificates.suite.ts";

const echo = defineMethod({
  name: "echo",
  request: z.object({ text: z.string() }),
  response: z.object({ text: z.string() }),
  run: (request) => request,
});

async function call(
  session: ClientHttp2Session,
  headers: Record<string, string>,
  body = "",
): Promise<string> {
  const stream = session.request(headers, { endStream: body === "" });
  if (body !== "") stream.end(body);
  return text(stream);
}

const servers: Readonly<Record<string, (listener: NodeListener) => Http2Server | Http2SecureServer>> = {
  "createServer()": (listener) => createServer(listener),
  "createSecureServer()": (listener) => createSecureServer(FIRST_PAIR, listener),
  "createSecureServer() that allows HTTP/1.1": (listener) =>
    createSecureServer({ ...FIRST_PAIR, allowHTTP1: true }, listener),
};

suite("requestListener() in a user's own server of node:http2", () => {
  for (const [name, create] of Object.entries(servers)) {
    test(`serves calls with and without bodies: ${name}`, async () => {
      const operations = await openOperations({ methods: [echo], store: "sqlite::memory:" });
      const server = create(operations.requestListener()).listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as AddressInfo;
      const scheme = name.includes("Secure") ? "https" : "http";
      const session = connect(`${scheme}://localhost:${port}`, {
        rejectUnauthorized: false,
        lookup: (_host, _options, found) => found(null, [{ address: "127.0.0.1", family: 4 }]),
      });
      const post = { ":method": "POST", ":path": "/v1:echo", "content-type": "application/json" };
      const started = JSON.parse(await call(session, post, '{"text":"a"}')) as { name: string };
      const wait = { ":method": "POST", ":path": `/v1/${started.name}:wait` };
      const done = JSON.parse(await call(session, wait)) as { response: { value: unknown } };
      assert.deepEqual(done.response.value, { text: "a" });
      assert.match(await call(session, { ":path": `/v1/${started.name}` }), /"done": true/);
      const rest = await call(session, { ":path": "/$discovery/rest" });
      assert.match(rest, new RegExp(`"rootUrl": "${scheme}://localhost:${port}/"`));
      session.close();
      server.close();
      await once(server, "close");
      await operations.stop();
    });
  }
});
