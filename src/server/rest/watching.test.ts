import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import { openRestServer } from "./rest-server.suite.ts";
import { eventsIn, openStream, run } from "./watched.suite.ts";

describe("GET …:watch", () => {
  it("sends the current operation, each change, and ends after the end", async () => {
    await using server = await openRestServer();
    const name = await server.start("projects/p");
    const stream = await openStream(server, `/v1/${name}:watch`);
    assert.equal(stream.status, 200);
    assert.equal(stream.headers.get("content-type"), "text/event-stream");
    assert.equal(stream.headers.get("cache-control"), "private, no-cache, no-transform");
    assert.equal(stream.headers.get("x-accel-buffering"), "no");
    assert.equal(stream.headers.get("content-length"), null);
    assert.match(await stream.until("id: 1\n"), /^retry: 1000\n\nevent: operation\nid: 1\ndata: /);
    const operation = run(server, name);
    await operation.report({ progressPercent: 50 });
    await stream.until("id: 2\n");
    await operation.end();
    const events = eventsIn(await stream.rest());
    assert.deepEqual(
      events.map(({ event, id, data }) => [event, id, data.name, data.done]),
      [
        ["operation", "1", name, undefined],
        ["operation", "2", name, undefined],
        ["operation", "3", name, true],
      ],
    );
    assert.equal(events[1]?.data.metadata?.value["progressPercent"], 50);
    const { text } = await server.call("GET", `/v1/${name}?prettyPrint=false`);
    assert.deepEqual(events[2]?.data, JSON.parse(text));
    assert.equal(server.engine.operations.watching, 0);
  });

  it("continues after the event that the caller has seen, and sends nothing if that was the end", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const operation = run(server, name);
    for (const [headers, query] of [
      [{ "last-event-id": "1" }, ""],
      [{}, "?lastEventId=1"],
      [{ "last-event-id": "1" }, "?lastEventId=7"],
    ] as const) {
      const stream = await openStream(server, `/v1/${name}:watch${query}`, headers);
      assert.equal(await stream.until("\n\n"), "retry: 1000\n\n");
      stream.close();
    }
    const waiting = await openStream(server, `/v1/${name}:watch`, { "last-event-id": "1" });
    await operation.end();
    assert.deepEqual(
      eventsIn(await waiting.rest()).map(({ id }) => id),
      ["2"],
    );
    const known = await server.call("GET", `/v1/${name}:watch`, { headers: { "last-event-id": "2" } });
    assert.deepEqual([known.status, known.text, known.headers.get("content-type")], [204, "", null]);
    for (const id of ["1", "3", "0", "-2", "2.0", "x", "9".repeat(11), "9".repeat(20_000)]) {
      const ended = await server.call("GET", `/v1/${name}:watch`, { headers: { "last-event-id": id } });
      assert.deepEqual([ended.status, eventsIn(ended.text).length], [200, 1], id.slice(0, 20));
    }
  });

  it("reports a removal, and then the operation is not found", async () => {
    await using server = await openRestServer();
    const name = await server.start("projects/p");
    const stream = await openStream(server, `/v1/${name}:watch`);
    await stream.until("id: 1\n");
    await run(server, name).remove();
    const [, removed] = eventsIn(await stream.rest());
    assert.deepEqual(removed, { event: "removed", id: undefined, data: { name } });
    assert.equal((await server.call("GET", `/v1/${name}:watch`)).status, 404);
    assert.equal((await server.call("GET", `/v1/projects/q/${name}:watch`)).status, 404);
  });

  it("is a JSON array on explicit request", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const stream = await openStream(server, `/v1/${name}:watch?$alt=json;enum-encoding=int`);
    assert.match(stream.headers.get("content-type") ?? "", /^application\/json/);
    await stream.until('"state":"PENDING"');
    await server.clock.advance(LIMITS.watchSilenceMs);
    await run(server, name).report({ progressPercent: 1 });
    await stream.until('"progressPercent":1');
    await run(server, name).end();
    const elements = JSON.parse(await stream.rest()) as { done?: boolean }[];
    assert.deepEqual(
      elements.map(({ done }) => done),
      [undefined, undefined, true],
    );
    const other = await server.start();
    const removed = await openStream(server, `/v1/${other}:watch?alt=json`);
    await removed.until("PENDING");
    await run(server, other).remove();
    const [, error] = JSON.parse(await removed.rest()) as { error?: { code: number; status: string } }[];
    assert.deepEqual([error?.error?.code, error?.error?.status], [404, "NOT_FOUND"]);
  });

  it("shows the requested fields, on one line, whatever prettyPrint says", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    await run(server, name).end();
    const { text } = await server.call(
      "GET",
      `/v1/${name}:watch?fields=name,done&prettyPrint=true&$.xgafv=1`,
    );
    assert.deepEqual(
      eventsIn(text).map(({ data }) => data),
      [{ name, done: true }],
    );
  });

  it("refuses invalid requests, before the head", async () => {
    await using server = await openRestServer([], { jsonp: true });
    const path = "/v1/operations/0199aabb-ccdd-7eff-8000-000000000001";
    const refused = [
      ["GET", `${path}:watch`, 404],
      ["GET", `/v1/operations/x:watch`, 404],
      ["GET", `${path}:watch?alt=proto`, 400],
      ["GET", `${path}:watch?callback=f`, 200],
      ["GET", `${path}:watch?filter=x`, 400],
      ["GET", `${path}?alt=sse`, 400],
      ["POST", `${path}:watch`, 405],
      ["DELETE", `${path}:watch`, 405],
    ] as const;
    for (const [method, at, status] of refused) {
      const answered = await server.call(method, at);
      assert.equal(answered.status, status, `${method} ${at} ${answered.text}`);
      assert.match(answered.text, /error|ErrorInfo/);
    }
    assert.equal(server.engine.operations.watching, 0);
  });

  it("ends with the reason if an operation cannot be shown", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    await run(server, name).reportSealed();
    const alone = await server.call("GET", `/v1/${name}:watch`);
    assert.deepEqual([alone.status, /"KEY_UNAVAILABLE"/.test(alone.text)], [503, true]);
    const { text } = await server.call("GET", "/v1/operations:watch");
    assert.match(text, /event: status\ndata: .*"KEY_UNAVAILABLE"/);
    const array = await server.call("GET", "/v1/operations:watch?alt=json");
    const elements = JSON.parse(array.text) as { error?: { code: number } }[];
    assert.equal(elements.at(-1)?.error?.code, 503);
    assert.equal(server.engine.operations.watching, 0);
  });

  it("is not allowed in a batch", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const body = `--b\nContent-Type: application/http\n\nGET /v1/${name}:watch HTTP/1.1\n\n\n--b--`;
    const headers = { "content-type": "multipart/mixed; boundary=b" };
    const { text } = await server.call("POST", "/batch", { body, headers });
    assert.match(text, /HTTP\/1\.1 400 [^]*BATCH_INVALID/);
    assert.equal(server.engine.operations.watching, 0);
  });

  it("answers HEAD with the head", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const { status, headers, text } = await server.call("HEAD", `/v1/${name}:watch`);
    assert.deepEqual([status, headers.get("content-type"), text], [200, "text/event-stream", ""]);
    assert.equal(server.engine.operations.watching, 0);
  });

  it("shows that it is alive, and ends after half an hour, or when the caller gives up", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const [stream, impatient] = [
      await openStream(server, `/v1/${name}:watch`),
      await openStream(server, `/v1/${name}:watch`, { "x-server-timeout": "20" }),
    ];
    await stream.until("id: 1\n");
    await server.clock.advance(LIMITS.watchSilenceMs - 1);
    await server.clock.advance(2_000);
    assert.match(await stream.until("\n\n:\n\n"), /\n\n:\n\n$/);
    await server.clock.advance(5_000);
    await impatient.rest();
    assert.equal(server.engine.operations.watching, 1);
    await server.clock.advance(LIMITS.watchMsMax);
    const text = await stream.rest();
    const comments = text.split("\n\n:").length - 1;
    const least = LIMITS.watchMsMax / LIMITS.watchSilenceMs;
    assert.ok(comments >= least - 1 && comments <= least * 1.5, `${comments}`);
    assert.equal(server.engine.operations.watching, 0);
  });

  it("ends from one to five seconds after the server stops", async () => {
    await using server = await openRestServer();
    const name = await server.start();
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => openStream(server, `/v1/${name}:watch`)),
    );
    for (const stream of streams) await stream.until("id: 1\n");
    let ended = 0;
    const ends = streams.map((stream) => stream.rest().then(() => ended++));
    server.engine.operations.stop();
    assert.equal((await server.call("GET", `/v1/${name}:watch`)).status, 503);
    await server.clock.advance(LIMITS.watchStopMsMin - 1);
    await server.call("GET", "/v1/operations");
    assert.equal(ended, 0);
    await server.clock.advance(LIMITS.watchStopMsMax);
    await Promise.all(ends);
  });
});

describe("GET …/operations:watch", () => {
  it("begins with the existing operations, marks their end, and sends changes below the parent", async () => {
    await using server = await openRestServer();
    const old = await server.start("projects/p");
    await server.start("projects/q");
    const stream = await openStream(server, "/v1/projects/p/operations:watch");
    await stream.until("event: initial-end\ndata: {}\n\n");
    const name = await server.start("projects/p");
    await server.start();
    await stream.until(name);
    await run(server, name).report({ progressPercent: 7 });
    await stream.until('"progressPercent":7');
    await run(server, old).remove();
    const text = await stream.until("removed");
    stream.close();
    const told = eventsIn(text).map(({ event, id, data }) => [event, id, data.name]);
    assert.deepEqual(told, [
      ["operation", undefined, old],
      ["initial-end", undefined, undefined],
      ["operation", undefined, name],
      ["operation", undefined, name],
      ["removed", undefined, old],
    ]);
    while (server.engine.operations.watching > 0) await settled();
  });

  it("sends operations that match a filter, and those that stop matching", async () => {
    await using server = await openRestServer();
    const filter = encodeURIComponent("done = false");
    const [events, array] = [
      await openStream(server, `/v1/-/operations:watch?filter=${filter}&fields=name`),
      await openStream(server, `/v1/operations:watch?filter=${filter}&alt=json&fields=name`, {
        "x-server-timeout": "9",
      }),
    ];
    const name = await server.start();
    await run(server, name).end();
    const text = await events.until("removed");
    events.close();
    assert.deepEqual(eventsIn(text), [
      { event: "initial-end", id: undefined, data: {} },
      { event: "operation", id: undefined, data: { name } },
      { event: "removed", id: undefined, data: { name } },
    ]);
    await array.until("removed");
    await server.clock.advance(10_000);
    assert.deepEqual(JSON.parse(await array.rest()), [
      { initialEnd: {} },
      { operation: { name } },
      { removed: name },
    ]);
  });

  it("refuses invalid requests, and still allows a method named watch", async () => {
    await using server = await openRestServer();
    for (const [path, status] of [
      ["/v1/operations:watch?filter=x%20%3D%20(", 400],
      ["/v1/operations:watch?pageSize=1", 400],
      ["/v1/a%2F%2Fb/operations:watch", 400],
      ["/v1/operations:watch?alt=media", 400],
    ] as const)
      assert.equal((await server.call("GET", path)).status, status, path);
    assert.equal((await server.call("HEAD", "/v1/operations:watch")).status, 200);
    const started = await server.call("POST", "/v1/operations:watch", { body: "{}" });
    assert.equal(started.json?.error?.details[0]?.reason, "METHOD_NOT_FOUND");
    assert.equal(server.engine.operations.watching, 0);
  });

  it("releases a caller that falls too far behind", async () => {
    await using server = await openRestServer();
    const stream = await openStream(server, "/v1/operations:watch");
    await stream.until("initial-end");
    const large = "x".repeat(LIMITS.payloadBytesMax - 100);
    const names = await Promise.all(Array.from({ length: 30 }, () => server.start()));
    for (const name of names) await run(server, name).report({ large });
    while (server.engine.operations.watching > 0) await settled();
    stream.close();
  });
});
