import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import { serve } from "../../assembly/serve.ts";
import { openRestServer } from "../rest/rest-server.suite.ts";
import { answerTo, ask, dial, seen } from "./caller.suite.ts";

suite("RestStreams", () => {
  test("refuses bodies that are too large, announced or not, and headers that are too large", async () => {
    await using server = await openRestServer();
    const session = dial(server.url);
    const post = { ":method": "POST", ":path": "/v1:createArchive", "content-type": "application/json" };
    const bytes = 2 * LIMITS.bodyBytesMax;
    const announced = await answerTo(ask(session, { ...post, "content-length": bytes }));
    assert.equal(announced.head[":status"], 413);
    assert.match(announced.body, /BODY_TOO_LARGE/);
    const sent = ask(session, post);
    sent.end(Buffer.alloc(bytes, " "));
    assert.match((await answerTo(sent)).body, /BODY_TOO_LARGE/);
    const long = ask(session, { ":path": `/v1/operations?filter=${"a".repeat(LIMITS.headerBytesMax)}` });
    const { head, body } = await answerTo(long.end());
    assert.match(`${head[":status"]} ${body}`, /HEADERS_TOO_LARGE/);
    assert.equal((await answerTo(ask(session, { ":path": "/v1/operations" }).end())).head[":status"], 200);
    session.close();
  });

  test("refuses hosts that it does not serve, as over HTTP/1.1", async () => {
    const served = await serve({
      methods: [],
      store: "sqlite::memory:",
      port: 0,
      allowedHosts: ["a.example"],
    });
    const session = dial(served.url);
    for (const [host, status] of [
      ["a.example:80", 200],
      ["127.0.0.1", 200],
      ["b.example", 403],
      ["a.example:99999", 400],
    ] as const) {
      const asked = ask(session, { ":path": "/v1/operations", ":authority": host }).end();
      assert.equal((await answerTo(asked)).head[":status"], status, host);
    }
    session.close();
    await served.stop();
  });

  test("requests a body that is announced with Expect, unless it is too large", async () => {
    await using server = await openRestServer();
    const session = dial(server.url);
    const post = { ":method": "POST", ":path": "/v1:createArchive", expect: "100-continue" };
    const stream = ask(session, post);
    await once(stream, "continue");
    stream.end('{"directory":"/a"}');
    assert.equal((await answerTo(stream)).head[":status"], 200);
    const refused = ask(session, { ...post, "content-length": LIMITS.batchBytesMax + 1 });
    refused.on("continue", () => assert.fail("asked for it"));
    assert.match((await answerTo(refused)).body, /BODY_TOO_LARGE/);
    session.close();
  });

  test("answers if a body does not arrive in time, and ends its stream", async () => {
    await using server = await openRestServer();
    const session = dial(server.url);
    const stream = ask(session, { ":method": "POST", ":path": "/v1:createArchive" });
    stream.write('{"directory":');
    await seen(() => server.clock.pending >= 2);
    await settled(10);
    const answered = answerTo(stream);
    await server.clock.advance(LIMITS.requestTimeoutMs);
    assert.match((await answered).body, /REQUEST_TIMED_OUT/);
    await seen(() => stream.closed);
    session.close();
  });
});
