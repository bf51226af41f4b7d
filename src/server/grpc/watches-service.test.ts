import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { once } from "node:events";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { type ServiceError, status } from "@grpc/grpc-js";
import { LIMITS } from "../../core/limits.ts";
import { settled } from "../../testing/manual-clock.ts";
import {
  WatchOperationsRequestSchema,
  WatchOperationsResponseSchema,
} from "../../wire/gen/longrunning/v1/watches_pb.ts";
import { ANONYMOUS } from "../../core/caller.ts";
import { openGrpcTest } from "./grpc-server.suite.ts";
import { named, watch } from "./watched.suite.ts";

describe("WatchOperation", () => {
  it("sends the current operation, each change, and ends with OK after the end", async () => {
    await using test = await openGrpcTest();
    const name = await test.start("projects/p");
    const stream = watch(test, named(name));
    await stream.until(1);
    await test.engine.operations.cancel(ANONYMOUS, name);
    assert.equal(await stream.ended, undefined);
    assert.deepEqual(
      stream.operations.map((each) => [each.name, each.done]),
      [
        [name, false],
        [name, true],
      ],
    );
    assert.deepEqual(stream.operations[1], await test.client.get(name));
    const again = watch(test, named(name));
    assert.equal(await again.ended, undefined);
    assert.equal(again.operations.length, 1);
    assert.equal(test.engine.operations.watching, 0);
  });

  it("refuses missing operations and invalid messages, and reports a removal", async () => {
    await using test = await openGrpcTest();
    const name = await test.start();
    const stream = watch(test, named(name));
    await stream.until(1);
    await test.store.write({ verb: "remove", id: name.split("/")[1] ?? "", parent: "" });
    assert.equal((await stream.ended)?.code, status.NOT_FOUND);
    assert.equal((await watch(test, named(name)).ended)?.code, status.NOT_FOUND);
    assert.equal((await watch(test, Buffer.from([0xff])).ended)?.code, status.INVALID_ARGUMENT);
    assert.equal(test.engine.operations.watching, 0);
  });
});

describe("WatchOperations", () => {
  it("sends the existing operations, the end of this list, and changes, until the server stops", async () => {
    await using test = await openGrpcTest();
    const name = await test.start("projects/p");
    const call = test.client.client.makeServerStreamRequest(
      "/longrunning.v1.Watches/WatchOperations",
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      toBinary(
        WatchOperationsRequestSchema,
        create(WatchOperationsRequestSchema, { parent: "projects/p", filter: "done = false" }),
      ),
    );
    const told: string[] = [];
    const ended = once(call, "error") as Promise<[ServiceError]>;
    call.on("data", (bytes: Buffer) => {
      const { event } = fromBinary(WatchOperationsResponseSchema, bytes);
      const value =
        event.case === "operation" ? event.value.name : event.case === "removed" ? event.value : "";
      told.push(`${event.case} ${value}`.trim());
    });
    while (told.length < 2) await settled();
    await test.engine.operations.cancel(ANONYMOUS, name);
    while (told.length < 3) await settled();
    assert.deepEqual(told, [`operation ${name}`, "initialEnd", `removed ${name}`]);
    test.engine.operations.stop();
    await test.clock.advance(LIMITS.watchStopMsMax + 1_000);
    assert.equal((await ended)[0].code, status.UNAVAILABLE);
  });

  it("refuses an invalid filter", async () => {
    await using test = await openGrpcTest();
    const schemas = [WatchOperationsRequestSchema, WatchOperationsResponseSchema] as const;
    const call = test.client.client.makeServerStreamRequest(
      "/longrunning.v1.Watches/WatchOperations",
      (bytes: Uint8Array) => Buffer.from(bytes),
      (bytes: Buffer) => bytes,
      toBinary(schemas[0], create(schemas[0], { filter: "(" })),
    );
    const [error] = (await once(call.resume(), "error")) as [ServiceError];
    assert.equal(error.code, status.INVALID_ARGUMENT);
  });
});
