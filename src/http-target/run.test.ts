import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { LIMITS } from "../core/limits.ts";
import type { Context } from "../core/method/method.ts";
import { ANONYMOUS } from "../core/caller.ts";
import { formatName } from "../core/operation/name.ts";
import { EMPTY } from "../core/operation/payload.ts";
import type { Tracing } from "../core/ports/tracing.ts";
import { Receiver } from "../outbound/receiver.suite.ts";
import { httpTarget } from "./http-target.ts";
import { answering, openTargetWorld } from "./target-world.suite.ts";

suite("a target", () => {
  test("gets the request with everything that it may need to know about the attempt", async () => {
    await using world = await openTargetWorld({
      target: { headers: { "X-Team": "media" } },
      method: { deadline: "5m" },
    });
    const request = { file: "ä", size: 7 };
    const operation = await world.answered(answering(503, ""), request);
    world.target.answer = answering(200, { width: 7 });
    const ended = await world.next(2, operation);
    assert.equal(ended.state, "SUCCEEDED");
    const [first, second] = world.target.arrivals;
    assert.deepEqual([first?.path, JSON.parse(first?.body ?? "")], ["/resize", request]);
    const { host: _, connection, ...headers } = second?.headers ?? {};
    assert.equal(connection, "keep-alive");
    assert.deepEqual(headers, {
      accept: "application/json",
      "accept-encoding": "identity",
      "content-length": String(Buffer.byteLength(JSON.stringify(request))),
      "content-type": "application/json",
      "idempotency-key": operation.id,
      "longrunning-attempt": "2",
      "longrunning-attempts-max": "3",
      "longrunning-deadline": "2026-01-01T00:05:00.000Z",
      "longrunning-method": "resize",
      "longrunning-operation": formatName(operation),
      "user-agent": "longrunning",
      "x-team": "media",
    });
    assert.equal(first?.headers["idempotency-key"], operation.id);
    assert.equal(first.headers["longrunning-attempt"], "1");
  });

  test("gets the trace, and the instant until which the worker waits", async () => {
    const traceparent = `00-${"a".repeat(32)}-${"b".repeat(16)}-01`;
    const traceContext = `${traceparent} vendor=1,other=2 3`;
    const span = { traceContext, within: <T>(run: () => T) => run(), fail: () => {}, end: () => {} };
    const tracing: Tracing = {
      call: () => undefined,
      start: (_, store) => store(null),
      attempt: () => span,
    };
    await using world = await openTargetWorld({ target: { timeout: "90s" }, worker: { tracing } });
    await world.answered(answering(200, { width: 1 }));
    const { headers } = world.target.arrivals[0] ?? assert.fail();
    assert.deepEqual([headers["traceparent"], headers["tracestate"]], [traceparent, "vendor=1,other=2 3"]);
    assert.equal(headers["longrunning-deadline"], "2026-01-01T00:01:30.000Z");
  });

  test("that does not answer in time, or answers drop by drop, is called again", async () => {
    await using stop = await Receiver.open();
    await using world = await openTargetWorld({ target: { timeout: "30s", cancelUrl: `${stop.url}/stop` } });
    const [silent, dripping] = [() => {}, answering(200, { width: 7 })];
    world.target.answer = silent;
    const first = await world.begin();
    await world.target.until(1);
    await world.clock.advance(30_000);
    const begun = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const told = await world.after(1, first);
    assert.deepEqual([told.state, told.attempts[0]?.code], ["PENDING", "DEADLINE_EXCEEDED"]);
    assert.equal(told.exception, "RequestTimeout: no answer");
    assert.deepEqual(JSON.parse(stop.arrivals[0]?.body ?? ""), {
      name: formatName(first),
      attempt: 1,
      reason: "timeout",
    });
    world.target.answer = (response) => {
      response
        .on("close", closed.resolve)
        .writeHead(200, { "content-type": "application/json" })
        .write('{"width":', () => begun.resolve());
    };
    await world.clock.advance(1_000);
    await begun.promise;
    await world.clock.advance(30_000);
    const dropped = await world.after(2, first);
    assert.deepEqual([dropped.failedAttempts, dropped.attempts[1]?.code], [2, "DEADLINE_EXCEEDED"]);
    await closed.promise;
    world.target.answer = dripping;
    assert.equal((await world.next(3, first)).state, "SUCCEEDED");
  });

  test("that cuts the connection, does not answer in HTTP or is unavailable is called again, up to the last attempt", async () => {
    await using world = await openTargetWorld({
      method: { retry: { attempts: 4, initialDelay: "1s", maxDelay: "1s" } },
    });
    const garbage = await world.answered((response) => void response.socket?.end("!?\r\n\r\n"));
    assert.match(garbage.exception ?? "", /Parse Error|HPE_/);
    world.target.answer = (response) =>
      void response
        .writeHead(200, { "content-length": 100 })
        .write("{", () => response.socket?.resetAndDestroy());
    const cut = await world.next(2, garbage);
    world.target.answer = (response) => void response.socket?.end();
    assert.equal((await world.next(3, cut)).state, "PENDING");
    await world.target[Symbol.asyncDispose]();
    const { state, error, exception } = await world.next(4, cut);
    assert.equal(state, "FAILED");
    assert.deepEqual(error?.details[0]?.["reason"], "TARGET_UNREACHABLE");
    assert.equal(error?.message, 'The target of "resize" cannot be reached: the connection was refused.');
    assert.match(exception ?? "", /ECONNREFUSED/);
  });

  test("sees its connection close and is told to stop when the operation is cancelled", async () => {
    await using stop = await Receiver.open();
    await using world = await openTargetWorld({ target: { cancelUrl: `${stop.url}/stop` } });
    const closed = Promise.withResolvers<void>();
    world.target.answer = (response) => void response.on("close", closed.resolve);
    const operation = await world.begin();
    await world.target.until(1);
    await world.test.engine.operations.cancel(ANONYMOUS, formatName(operation));
    await closed.promise;
    assert.equal((await world.after(1, operation)).state, "CANCELLED");
    const [arrival] = await stop.until(1);
    assert.equal(arrival?.path, "/stop");
    const { reason } = JSON.parse(arrival.body) as { readonly reason: unknown };
    assert.equal(reason, "cancelled");
    assert.equal(arrival.headers["idempotency-key"], `${operation.id}-cancel-1`);
  });

  test("gets the deadline, and delays nobody if it does not answer", async () => {
    await using stop = await Receiver.open();
    stop.answer = () => {};
    await using world = await openTargetWorld({
      target: { cancelUrl: stop.url },
      method: { deadline: "20s" },
    });
    world.target.answer = () => {};
    const operation = await world.begin();
    await world.target.until(1);
    await world.clock.advance(20_000);
    await stop.until(1);
    await world.clock.advance(LIMITS.httpTargetCancelMsMax);
    assert.equal((await world.after(1, operation)).error?.code, "DEADLINE_EXCEEDED");
    assert.match(stop.arrivals[0]?.body ?? "", /"reason":"deadline"/);
  });

  test("is told when the worker stops, and another worker calls it again", async () => {
    await using stop = await Receiver.open();
    await using world = await openTargetWorld({ target: { cancelUrl: stop.url } });
    world.target.answer = () => {};
    const operation = await world.begin();
    await world.target.until(1);
    const stopped = world.worker.stop({ drainMs: 1_000 });
    await world.clock.advance(1_000);
    await stop.until(1);
    await stopped;
    assert.match(stop.arrivals[0]?.body ?? "", /"reason":"shutdown"/);
    const { state, failedAttempts } = await world.after(1, operation);
    assert.deepEqual([state, failedAttempts], ["PENDING", 0]);
    assert.equal(world.events.endings[0], "released");
  });

  test("is told nothing by a worker that lost its lease, because another may have called it", async () => {
    await using stop = await Receiver.open();
    await using world = await openTargetWorld({ target: { cancelUrl: stop.url } });
    const closed = Promise.withResolvers<void>();
    world.target.answer = (response) => void response.on("close", closed.resolve);
    const operation = await world.begin();
    await world.target.until(1);
    // Another process ends the attempt.
    await world.test.attempts.complete(await world.test.read(operation), EMPTY);
    await closed.promise;
    await world.after(1, operation);
    assert.deepEqual([world.events.endings, stop.arrivals.length], [["dropped"], 0]);
  });

  test("keeps one connection for many operations, until the worker stops", async () => {
    await using world = await openTargetWorld();
    const sockets = new Set<unknown>();
    const closed = Promise.withResolvers<void>();
    for (let count = 0; count < 3; count++)
      await world.answered((response, arrival) => {
        if (sockets.size === 0) response.socket?.once("close", () => closed.resolve());
        sockets.add(response.socket);
        answering(200, { width: 1 })(response, arrival);
      });
    assert.equal(sockets.size, 1);
    await world.worker.stop({ drainMs: 0 });
    await closed.promise;
  });

  test("continues by itself if it can end the attempt later, for as long as it says", async () => {
    const worker = { attemptToken: ({ id, attempt }: { id: string; attempt: number }) => `${id}/${attempt}` };
    await using world = await openTargetWorld({ worker });
    const begun = await world.answered(answering(202, "", { "longrunning-lease": "300s" }));
    assert.equal(world.target.arrivals[0]?.headers["longrunning-attempt-token"], `${begun.id}/1`);
    assert.deepEqual(
      [begun.state, world.worker.running, world.events.endings],
      ["RUNNING", 0, ["handed-over"]],
    );
    assert.equal((begun.leaseTime ?? 0) - world.clock.now(), 300_000);
    await world.clock.advance(299_000);
    assert.equal((await world.test.read(begun)).leaseTime, begun.leaseTime);
    await world.test.attempts.complete(begun, { ...EMPTY, json: '{"width":7}' });
    assert.equal((await world.test.read(begun)).state, "SUCCEEDED");
    const unsaid = await world.answered(answering(202));
    assert.equal((unsaid.leaseTime ?? 0) - world.clock.now(), LIMITS.leaseMs);
    const lost = await world.answered(answering(202, "", { "longrunning-lease": "3600s" }));
    await world.clock.advance(LIMITS.httpTargetLeaseMsMax);
    await world.test.engine.sweep.round();
    assert.equal((await world.test.read(lost)).attempts[0]?.how, "worker-lost");
    for (const header of ["soon", "4s", "2h"]) {
      const { error } = await world.answered(answering(202, "", { "longrunning-lease": header }));
      assert.equal(error?.details[0]?.["reason"], "RESPONSE_INVALID", header);
    }
  });

  test("does nothing if its handler is called directly", async () => {
    const run = httpTarget({ url: "http://127.0.0.1:9/" });
    await assert.rejects(run({}, {} as Context<never>), /runs within a worker/);
  });
});
