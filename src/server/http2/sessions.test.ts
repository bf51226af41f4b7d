import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { suite, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import { ManualClock, settled } from "../../testing/manual-clock.ts";
import { openRestServer } from "../rest/rest-server.suite.ts";
import { answerTo, ask, dial, seen, speak } from "./caller.suite.ts";
import { Sessions } from "./sessions.ts";

function answered(heard: (error: null) => void): boolean {
  heard(null);
  return true;
}

suite("Sessions monitors its connections", () => {
  test("cuts a peer that does not answer", async () => {
    await using server = await openRestServer();
    const socket = await speak(server.port);
    const closed = once(socket, "close");
    await seen(() => server.clock.pending > 0);
    await server.clock.advance(LIMITS.grpcKeepAliveMs);
    await server.clock.advance(LIMITS.grpcKeepAliveTimeoutMs);
    await closed;
  });

  test("keeps a connection with a call in progress, however long that takes", async () => {
    const clock = new ManualClock();
    const calls = { closed: 0 };
    const session = Object.assign(new EventEmitter(), {
      close: () => calls.closed++,
      destroy: () => assert.fail(),
      ping: answered,
    });
    const keeper = new Sessions(clock).add(session as never);
    const [first, second] = [new EventEmitter(), new EventEmitter()];
    for (const stream of [first, second]) keeper.open(stream as never);
    first.emit("close");
    await clock.advance(2 * LIMITS.grpcIdleMs);
    assert.equal(calls.closed, 0);
    second.emit("close");
    await clock.advance(LIMITS.grpcIdleMs - LIMITS.grpcKeepAliveMs);
    assert.equal(calls.closed, 0);
    await clock.advance(2 * LIMITS.grpcKeepAliveMs);
    assert.equal(calls.closed, 1);
    assert.equal(clock.pending, 0);
  });

  test("keeps a responsive connection while it is used, and closes it after a long idle time", async () => {
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
