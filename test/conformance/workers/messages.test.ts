import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { create, fromJson, type JsonObject, toBinary, toJson } from "@bufbuild/protobuf";
import { AnySchema } from "@bufbuild/protobuf/wkt";
import { remote } from "../../../src/core/method/remote.ts";
import { defineMethod } from "../../../src/protos/method/define.ts";
import { library } from "../../../src/protos/method/sample.suite.ts";
import { openWorkerServer, type WorkerServer } from "./worker-server.ts";

/**
 * Workers of methods that a proto declares, in any language: they have the messages, and the server
 * has their types.
 */

const { rpc, message } = library();
const Book = message("Book");
const Progress = message("Progress");
const Request = rpc("CreateBook").input;
const createBook = defineMethod(rpc("CreateBook"), { response: Book, metadata: Progress, run: remote() });
const unknown = create(AnySchema, {
  typeUrl: "type.googleapis.com/nobody.Knows",
  value: Uint8Array.of(8, 1),
});
const METHODS = { methods: ["createBook"], worker: "w", limit: 10 };

const any = (typeName: string, value: Uint8Array) =>
  create(AnySchema, { typeUrl: `type.googleapis.com/${typeName}`, value });

async function started(server: WorkerServer, book: JsonObject): Promise<string> {
  const request = fromJson(Request, { parent: "projects/p", book });
  const { name } = await server.operations.start(createBook, request);
  return name;
}

suite("a worker of a method of a proto", () => {
  test("over gRPC gets the caller's bytes, and responds with messages", async () => {
    await using server = await openWorkerServer([createBook]);
    const request = create(Request, { parent: "projects/p", book: { title: "A", extra: unknown } });
    const { name } = await server.operations.start(createBook, request);
    const { claims } = await server.call("claimOperations", METHODS);
    const [claim] = claims;
    assert.ok(claim?.attempt !== undefined && claim.requestPayload.case === "requestAny");
    assert.equal(claim.requestPayload.value.typeUrl, `type.googleapis.com/${Request.typeName}`);
    assert.deepEqual(Buffer.from(claim.requestPayload.value.value), Buffer.from(toBinary(Request, request)));
    const { attempt } = claim;
    const half = any(Progress.typeName, toBinary(Progress, create(Progress, { percent: 50 })));
    const renewals = [{ attempt, metadataPayload: { case: "metadataAny", value: half } } as const];
    const { answers: renewed } = await server.call("renewAttempts", { renewals });
    assert.deepEqual([renewed[0]?.held, renewed[0]?.error], [true, undefined]);
    const book = create(Book, { title: "A", words: 9007199254740993n });
    const value = any(Book.typeName, toBinary(Book, book));
    const complete = async (given: typeof unknown) => {
      const responsePayload = { case: "responseAny", value: given } as const;
      const { answers } = await server.call("completeAttempts", {
        completions: [{ attempt, responsePayload }],
      });
      return answers[0];
    };
    assert.equal((await complete(unknown))?.error?.code, 3);
    assert.equal((await complete(half))?.error?.code, 3, "another message than the method's");
    assert.equal((await complete(value))?.state, "SUCCEEDED");
    assert.equal((await complete(value))?.state, "SUCCEEDED", "again");
    const { response } = await server.operations.get(name);
    assert.deepEqual(toJson(Book, response as never), { title: "A", words: "9007199254740993" });
  });

  test("over REST gets the caller's JSON, and responds with JSON, with or without a type", async () => {
    await using server = await openWorkerServer([createBook]);
    for (const [member, response] of [
      ["response", { title: "B", words: "5" }],
      ["responseAny", { "@type": "type.googleapis.com/test.v1.Book", title: "B", words: "5" }],
    ] as const) {
      const name = await started(server, { title: "A" });
      const [claim] = await server.claim(METHODS);
      assert.ok(claim !== undefined);
      assert.deepEqual(claim.requestAny, {
        "@type": "type.googleapis.com/test.v1.CreateBookRequest",
        parent: "projects/p",
        book: { title: "A" },
      });
      const { attempt, token } = claim.attempt;
      const at = { attempt, token };
      const { body } = await server.post(`${name}:renew`, { ...at, metadata: { percent: 50 } });
      assert.deepEqual(body, { held: true, lease: "30s", cancelRequested: false });
      const odd = await server.post(`${name}:complete`, { ...at, response: { pages: 5 } });
      assert.deepEqual([odd.status, odd.body.error?.details[0]?.reason], [400, "ATTEMPT_RESPONSE_INVALID"]);
      const done = await server.post(`${name}:complete`, { ...at, [member]: response });
      assert.deepEqual(done.body, { state: "SUCCEEDED" });
      const kept = await server.operations.get(name);
      assert.deepEqual(toJson(Book, kept.response as never), { title: "B", words: "5" });
    }
  });
});
