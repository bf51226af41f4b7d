import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { openRestServer } from "../rest/rest-server.suite.ts";
import { ask, dial, seen } from "./caller.suite.ts";

test("a caller may open few streams at once, and more streams only wait", async () => {
  await using server = await openRestServer();
  const session = dial(server.url);
  await once(session, "remoteSettings");
  const allowed = () => session.remoteSettings.maxConcurrentStreams;
  assert.equal(allowed(), LIMITS.http2StreamsMin);
  const wait = { ":method": "POST", ":path": `/v1/${await server.start()}:wait` };
  const { operations } = server.engine;
  const count = 3 * LIMITS.http2StreamsMin;
  // The client delays streams beyond its limit.
  const streams = Array.from({ length: count }, () => ask(session, wait).end());
  await seen(() => operations.waiting === count);
  assert.equal(allowed(), 4 * LIMITS.http2StreamsMin);
  for (const stream of streams) stream.close();
  await seen(() => operations.waiting === 0);
  // Streams that the caller opens before it learns of a smaller limit would be rejected.
  assert.equal(allowed(), 4 * LIMITS.http2StreamsMin);
  session.close();
});
