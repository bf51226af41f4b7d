import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { EventFields } from "../../core/events.ts";
import { LIMITS } from "../../core/limits.ts";
import { Teller } from "../../core/teller.ts";
import { settled } from "../../testing/manual-clock.ts";
import { openRestServer, TRANSPORTS } from "./rest-server.suite.ts";

type Ended = EventFields<"http.ended">;

/** A teller, and the ended requests that it announced. */
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
    test(`is emitted for every request with its template and status, including cached answers, over ${transport}`, async () => {
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

  test("has the time that the call took, and is emitted once for a batch", async () => {
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

suite("request.answered", () => {
  for (const transport of TRANSPORTS)
    test(`has path, status, code, bytes and caller of every request, including cached answers, over ${transport}`, async () => {
      const teller = new Teller();
      const told: EventFields<"request.answered">[] = [];
      teller.watch(
        (name, fields) => {
          if (name === "request.answered") told.push({ ...fields, durationMs: 0 });
        },
        ["request.answered"],
      );
      await using server = await openRestServer(undefined, { tell: teller.tell }, transport);
      const name = await server.start();
      const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
      const got = await server.call("GET", `/v1/${name}?key=secret`);
      await server.call("GET", `/v1/${name}?key=secret`, { headers: { traceparent } });
      await server.call("HEAD", `/v1/${name}`);
      await server.call("GET", "/v1/operations/none");
      await server.call("POST", `/v1:createArchive`, { body: "[" });
      await server.call("GET", `/${"x".repeat(3_000)}`);
      const bytes = Buffer.byteLength(got.text);
      const own = { durationMs: 0, principal: "anonymous" };
      const path = `/v1/${name}`;
      const shown = told
        .slice(1)
        .map(({ bytes: each, ...fields }) => ({ ...fields, isWhole: each === bytes }));
      assert.deepEqual(shown.slice(0, 4), [
        { ...own, method: "GET", path, status: 200, code: "OK", isWhole: true },
        { ...own, method: "GET", path, status: 200, code: "OK", traceparent, isWhole: true },
        { ...own, method: "HEAD", path, status: 200, code: "OK", isWhole: false },
        {
          ...own,
          method: "GET",
          path: "/v1/operations/none",
          status: 404,
          code: "NOT_FOUND",
          isWhole: false,
        },
      ]);
      assert.equal(told[3]?.bytes, 0);
      assert.deepEqual(
        [told[5]?.code, told[5]?.status, told[6]?.path.length],
        ["INVALID_ARGUMENT", 400, LIMITS.loggedPathLengthMax],
      );
    });
});
