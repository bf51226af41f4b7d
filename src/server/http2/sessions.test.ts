import assert from "node:assert/strict";
import { once } from "node:events";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import { openRestServer } from "../rest/rest-server.suite.ts";
import { answerTo, ask, dial, seen, speak } from "./caller.suite.ts";

suite("Sessions looks after its connections", () => {
  test("cuts a peer that does not answer", async () => {
    await using server = await openRestServer();
    const socket = await speak(server.port);
    const closed = once(socket, "close");
    await seen(() => server.clock.pending > 0);
    await server.clock.advance(LIMITS.grpcKeepAliveMs);
    await server.clock.advance(LIMITS.grpcKeepAliveTimeoutMs);
    await closed;
  });

  test("keeps one that answers as long as it is used, and closes it when nobody has used it for long", async () => {
    await using server = await openRestServer();
    const session = dial(server.url);
    const { clock } = server;
    await answerTo(ask(session, { ":path": "/v1/operations" }).end());
    let pings = 0;
    session.on("ping", () => pings++);
    for (let ms = 0; ms < LIMITS.grpcIdleMs - LIMITS.grpcKeepAliveMs; ms += LIMITS.grpcKeepAliveMs) {
      const before: number = pings;
      await clock.advance(LIMITS.grpcKeepAliveMs);
      await seen(() => pings > before);
      await settled(10);
    }
    assert.equal(session.closed, false);
    await clock.advance(2 * LIMITS.grpcKeepAliveMs);
    await seen(() => session.closed);
  });
});
