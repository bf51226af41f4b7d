import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonValue } from "@bufbuild/protobuf";
import { systemClock } from "../../core/ports/clock.ts";
import { jsonOf, message, RPCS, type Scripted, type Verb, workerCallsSuite } from "../worker-calls.suite.ts";
import { answerOf, type Send, sendByFetch } from "./answer.ts";
import { RestWorkerCalls } from "./worker-calls.ts";

/** A server that answers with JSON, and parses bodies as the JSON of their messages. */
async function scripted(answer: unknown, base = "http://lro.example.com"): Promise<Scripted> {
  const asked: Scripted["asked"] = [];
  const headers: Scripted["headers"] = [];
  let closed = false;
  const send: Send = async ({ url, text = "", headers: sent }) => {
    const verb = /:(\w+)$/.exec(url)?.[1] as Verb;
    const { input } = RPCS[verb];
    asked.push([verb, jsonOf(input, message(input, JSON.parse(text) as JsonValue))]);
    headers.push(sent);
    return answerOf(200, JSON.stringify(answer), () => "application/json");
  };
  const close = (): void => void (closed = true);
  const calls = new RestWorkerCalls(base, {
    sending: { send, close },
    clock: systemClock,
    headers: { "x-team": "archive" },
  });
  return {
    calls,
    asked,
    headers,
    [Symbol.dispose]: () => {
      calls.close();
      assert.ok(closed);
    },
  };
}

workerCallsSuite("REST", (answer) => scripted(answer));

test("the request of a method that a proto declares comes without its type", async () => {
  const requestAny = { "@type": "type.googleapis.com/acme.v1.Disk", name: "d", "@bytes": "AA==" };
  const attempt = { name: "operations/x", attempt: 1, token: "t" };
  using server = await scripted({ claims: [{ attempt, lease: "5s", requestAny, metadataAny: requestAny }] });
  const call = {
    parent: "",
    methods: ["a"],
    worker: "w",
    limit: 1,
    leaseMs: 5_000,
    waitMs: 0,
    requestId: "",
    workerVersion: "",
  };
  const { claims } = await server.calls.claim(call, {});
  assert.equal(claims[0]?.request, '{"name":"d","@bytes":"AA=="}');
  assert.deepEqual(claims[0]?.metadata, { type: "acme.v1.Disk", json: claims[0]?.request });
});

test("an invalid address is refused", () => {
  const sending = { send: sendByFetch(fetch), close: () => {} };
  const options = { sending, clock: systemClock, headers: {} };
  assert.throws(() => new RestWorkerCalls("lro.example.com", options), TypeError);
});
