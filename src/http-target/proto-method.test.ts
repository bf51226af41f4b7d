import assert from "node:assert/strict";
import { test } from "node:test";
import { ANONYMOUS } from "../core/caller.ts";
import { Receiver } from "../outbound/receiver.suite.ts";
import { defineMethod } from "../protos/method/define.ts";
import { library } from "../protos/method/sample.suite.ts";
import { openTestWorker } from "../worker/test-worker.suite.ts";
import { httpTarget } from "./http-target.ts";
import { answering } from "./target-world.suite.ts";

const { rpc, message } = library();
const metadata = message("Progress");

test("a method of a proto posts its request as proto-JSON, and accepts proto-JSON as its response", async () => {
  await using target = await Receiver.open();
  const run = httpTarget({ url: target.url });
  const create = defineMethod(rpc("CreateBook"), { response: message("Book"), metadata, run });
  const burn = defineMethod(rpc("BurnBook"), { metadata, run });
  await using opened = await openTestWorker([create, burn]);
  opened.worker.start();
  const ended = async (method: string, request: object, answer: ReturnType<typeof answering>) => {
    target.answer = answer;
    const count = opened.events.count("attempt.ended");
    const begun = await opened.engine.operations.start(ANONYMOUS, { method, request });
    await opened.events.until("attempt.ended", count + 1);
    return opened.read(begun);
  };
  const request = { parent: "projects/p/locations/l", book: { title: "A", words: "9007199254740993" } };
  const book = { title: "A", words: 9_007_199_254_740_993n.toString(), color: "red" };
  const created = await ended("createBook", request, answering(200, book));
  assert.deepEqual(JSON.parse(target.arrivals[0]?.body ?? ""), request);
  assert.equal(created.response?.type, "test.v1.Book");
  assert.deepEqual(JSON.parse(created.response.json), book);
  const wrong = await ended("createBook", request, answering(200, { title: 7 }));
  assert.equal(wrong.error?.details[0]?.["reason"], "RESPONSE_INVALID");
  const burnt = await ended("burnBook", { name: "books/a" }, answering(204));
  assert.deepEqual(burnt.response, { type: "google.protobuf.Empty", json: "{}" });
});
