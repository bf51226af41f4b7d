import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { EventFields } from "../../core/events.ts";
import { Teller } from "../../core/teller.ts";
import { settled } from "../../testing/manual-clock.ts";
import { openRestServer, TRANSPORTS } from "./rest-server.suite.ts";

type Ended = EventFields<"http.ended">;

/** A teller, and what it told of ended requests. */
function listened() {
  const teller = new Teller();
  const ended: Ended[] = [];
  const listen = (): (() => void) =>
    teller.watch(
      (name, fields) => {
        if (name === "http.ended") ended.push(fields);
      },
      ["http.ended"],
    );
  return { teller, ended, listen };
}

suite("http.ended", () => {
  for (const transport of TRANSPORTS)
    test(`is told of every request with its template and status, kept answers too, over ${transport}`, async () => {
      const { teller, ended, listen } = listened();
      listen();
      await using server = await openRestServer(undefined, { tell: teller.tell }, transport);
      const name = await server.start("projects/p");
      const got = await server.call("GET", `/v1/${name}`);
      await server.call("GET", `/v1/${name}`);
      await server.call("GET", `/v1/${name}`, {
        headers: { "if-none-match": got.headers.get("etag") ?? "" },
      });
      await server.call("GET", "/v1/operations/none");
      await server.call("GET", "/nowhere");
      await server.call("POST", "/v1:createArchive", { body: "[" });
      const protocol = transport === "h2" ? "https" : "http";
      const get = "/v1/{name=**/operations/*}";
      const start = "/v1/{parent=**}:{method}";
      assert.deepEqual(
        ended.map((fields) => ({ ...fields, durationMs: 0 })),
        [
          { method: "POST", protocol, route: start, status: 200, durationMs: 0 },
          { method: "GET", protocol, route: get, status: 200, durationMs: 0 },
          { method: "GET", protocol, route: get, status: 200, durationMs: 0 },
          { method: "GET", protocol, route: get, status: 304, durationMs: 0 },
          { method: "GET", protocol, route: get, status: 404, durationMs: 0 },
          { method: "GET", protocol, route: undefined, status: 404, durationMs: 0 },
          { method: "POST", protocol, route: start, status: 400, durationMs: 0 },
        ],
      );
    });

  test("has the time that the call took, and tells a batch once", async () => {
    const { teller, ended, listen } = listened();
    listen();
    await using server = await openRestServer(undefined, { tell: teller.tell });
    const name = await server.start();
    const waited = server.call("POST", `/v1/${name}:wait?timeout=2s`, { body: "{}" });
    while (server.engine.operations.waiting === 0) await settled();
    await server.clock.advance(2_000);
    await waited;
    assert.deepEqual([ended[1]?.durationMs, ended[1]?.route], [2_000, "/v1/{name=**/operations/*}:wait"]);
    const part = `--b\r\ncontent-type: application/http\r\n\r\nGET /v1/${name}\r\n\r\n`;
    await server.call("POST", "/batch", {
      body: `${part}${part}--b--`,
      headers: { "content-type": "multipart/mixed; boundary=b" },
    });
    assert.deepEqual(
      ended.slice(2).map(({ route: template, status }) => [template, status]),
      [["/batch", 200]],
    );
  });
});
