import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Metadata, status } from "@grpc/grpc-js";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import { openGrpcTest } from "./grpc-server.suite.ts";
import { named, watch } from "./watched.suite.ts";

describe("a stream of gRPC", () => {
  it("is released when its caller cancels, and when its deadline passes", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const cancelled = watch(test, named(name));
    await cancelled.until(1);
    cancelled.call.cancel();
    assert.equal((await cancelled.ended)?.code, status.CANCELLED);
    while (test.engine.operations.watching > 0) await settled();
    const metadata = new Metadata();
    metadata.set("grpc-timeout", "50m");
    const late = watch(test, named(name), metadata);
    assert.equal((await late.ended)?.code, status.DEADLINE_EXCEEDED);
    while (test.engine.operations.watching > 0) await settled();
  });

  it("ends with UNAVAILABLE after half an hour, and when the server stops", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const first = watch(test, named(name));
    await first.until(1);
    await test.clock.advance(LIMITS.watchMsMax + 1_000);
    assert.equal((await first.ended)?.code, status.UNAVAILABLE);
    const second = watch(test, named(name));
    await second.until(1);
    test.engine.operations.stop();
    await test.clock.advance(LIMITS.watchStopMsMax + 1_000);
    assert.equal((await second.ended)?.code, status.UNAVAILABLE);
  });

  it("disconnects a caller that does not read", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const id = name.split("/")[1] ?? "";
    const stream = watch(test, named(name));
    await stream.until(1);
    // grpc-js buffers sixteen messages for its caller before it stops reading.
    stream.call.pause();
    const json = JSON.stringify({ large: "x".repeat(LIMITS.payloadBytesMax - 100) });
    while (test.engine.operations.watching > 0) {
      const operation = (await test.store.read(id)) ?? assert.fail();
      const { revision } = operation;
      const metadata = { type: "google.protobuf.Struct", json };
      const next = { ...operation, metadata, revision: revision + 1 };
      await test.store.write({ verb: "replace", next, expectedRevision: revision });
      await test.clock.advance(LIMITS.watchUndrainedMs + 1_000);
    }
    assert.ok(test.clock.monotonic() < LIMITS.watchMsMax, "it did not end by itself");
    stream.call.resume();
    assert.notEqual(await stream.ended, undefined);
  });
});
