import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type Message } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { ANONYMOUS } from "../../core/caller.ts";
import { StatusError } from "../../core/error/error.ts";
import { openTestEngine } from "../../testing/test-engine.ts";
import { defineMethod } from "../../protos/method/define.ts";
import { library } from "../../protos/method/sample.suite.ts";
import type { RpcAnswer } from "./rpc.ts";
import { answeringRpc, startingRpc } from "./declared-rpcs.ts";

const { rpc, message } = library();
const context = { caller: ANONYMOUS, signal: new AbortController().signal };

describe("startingRpc()", () => {
  it("starts an operation under the location that the request names", async () => {
    const method = defineMethod(rpc("CreateBook"), {
      response: message("Book"),
      metadata: message("Progress"),
      run: () => ({ title: "A" }),
    });
    await using test = await openTestEngine([method]);
    const starting = startingRpc(method, test.engine.operations);
    const request = create(rpc("CreateBook").input, {
      parent: "projects/p/locations/l",
      book: { title: "A" },
      requestId: "1",
    });
    const first = await starting.call(request, context);
    const again = await starting.call(request, context);
    assert.ok("operation" in first && "operation" in again);
    assert.equal(first.operation.parent, "projects/p/locations/l");
    assert.equal(first.operation.target, "projects/p/locations/l");
    // The request's own id makes a repeated start idempotent (AIP-155).
    assert.equal(again.operation.id, first.operation.id);
    const incomplete = create(rpc("CreateBook").input, { parent: "projects/p" });
    await assert.rejects(starting.call(incomplete, context), { reason: "REQUEST_INVALID" });
    const extra = create(AnySchema, {
      typeUrl: "type.googleapis.com/nobody.Knows",
      value: new Uint8Array([8, 1]),
    });
    const unknown = create(rpc("CreateBook").input, { parent: "projects/p", book: { title: "A", extra } });
    assert.ok("operation" in (await starting.call(unknown, context)), "its bytes are the handler's");
  });
});

describe("answeringRpc()", () => {
  /** Calls a method with the given answer function. */
  async function answered(answer: (request: Message, context: object) => unknown): Promise<RpcAnswer> {
    await using test = await openTestEngine([]);
    const method = defineMethod(rpc("GetBook"), {
      answer: answer as (request: Message) => Record<string, unknown>,
    });
    return await answeringRpc(method, test.engine.operations).call(request, context);
  }
  const request = create(rpc("GetBook").input, { name: "shelves/1" });

  it("answers a message", async () => {
    const answer = await answered((asked) => ({ title: (asked as Message & { name: string }).name }));
    assert.ok("message" in answer);
    assert.equal((answer.message as Message & { title: string }).title, "shelves/1");
  });

  it("passes a StatusError on, and treats an invalid answer as a bug", async () => {
    const missing = answered(() => {
      throw new StatusError("NOT_FOUND", "No such book.");
    });
    await assert.rejects(missing, { code: "NOT_FOUND" });
    await assert.rejects(
      answered(() => ({ title: 5 })),
      /Response of "getBook"/,
    );
  });

  it("tells the method the caller and whether it hung up, and nothing else", async () => {
    let told: object | undefined;
    await answered((_request, given) => {
      told = given;
      return {};
    });
    assert.deepEqual(told, context);
  });
});
