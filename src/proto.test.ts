import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { create, type Message } from "@bufbuild/protobuf";
import { openOperations } from "./assembly/open.ts";
import { defineMethod } from "./proto.ts";
import { library } from "./protos/method/sample.suite.ts";

const { rpc, message } = library();
const types = { response: message("Book"), metadata: message("Progress") };

/** A service with one method, over a store in memory. */
async function served(
  run: (request: Message, report: (metadata: Record<string, unknown>) => void) => unknown,
) {
  const method = defineMethod(rpc("CreateBook"), {
    ...types,
    retry: { attempts: 1 },
    run: (request, { report }) => run(request, report) as Record<string, unknown>,
  });
  const operations = await openOperations({ methods: [method], store: "sqlite::memory:" });
  return { operations, method };
}

const request = { parent: "projects/p/locations/l", book: { title: "A", words: 9007199254740993n } };

describe("a method declared by a proto", () => {
  it("gives its handler the message, and its caller the response and the metadata as messages", async () => {
    const { operations, method } = await served((asked, report) => {
      report({ percent: 50, verb: "ours alone" });
      return create(types.response, { title: (asked as Message & { book: { title: string } }).book.title });
    });
    const { name } = await operations.start(method, request);
    assert.match(name, /^projects\/p\/locations\/l\/operations\//);
    const { done, response, metadata } = await operations.wait(name);
    assert.equal(done, true);
    assert.equal((response as Message & { title: string }).title, "A");
    assert.equal((metadata as Message & { percent: number }).percent, 50);
    await operations.stop();
  });

  it("stores no result of the wrong type", async () => {
    const { operations, method } = await served(() => create(message("Page"), { text: "a" }));
    const { name } = await operations.start(method, request);
    const { error } = await operations.wait(name);
    assert.equal(error?.code, "INTERNAL");
    assert.equal(error.details[0]?.["reason"], "RESPONSE_INVALID");
    await operations.stop();
  });

  it("honours request_id and validate_only if the request has them (AIP-155, AIP-163)", async () => {
    const { operations, method } = await served(() => ({ title: "A" }));
    const first = await operations.start(method, { ...request, requestId: "1" });
    const again = await operations.start(method, { ...request, requestId: "1" });
    assert.equal(again.name, first.name);
    const validated = await operations.start(method, { ...request, validateOnly: true });
    assert.deepEqual([validated.name, validated.done], ["", true]);
    await assert.rejects(operations.start(method, { parent: "a" }), { reason: "REQUEST_INVALID" });
    await assert.rejects(operations.start(method, { parent: 5 }), { reason: "REQUEST_INVALID" });
    await operations.stop();
  });
});
