import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { status } from "@grpc/grpc-js";
import { ANONYMOUS } from "../../core/caller.ts";
import { openGrpcTest } from "./grpc-server.suite.ts";
import { named, watch } from "./watched.suite.ts";

describe("WatchOperation", () => {
  it("tells how the operation is, each change, and ends with OK behind the end", async () => {
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

  it("refuses what is not there and what is no message, and tells of a removal", async () => {
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
