import assert from "node:assert/strict";
import { test } from "node:test";
import { answerOf, sendByFetch } from "./answer.ts";

test("fetch sends a request and reads its answer", async () => {
  const asked: unknown[] = [];
  const { signal } = new AbortController();
  const send = sendByFetch(async (...call) => {
    asked.push(call);
    return new Response("no", { status: 404, headers: { "content-type": "text/plain" } });
  });
  const request = { url: "http://a/b", headers: { accept: "c" }, signal };
  const answer = { ok: false, status: 404, contentType: "text/plain", text: "no" };
  assert.deepEqual(await send({ verb: "GET", ...request, text: undefined }), {
    ...answer,
    location: undefined,
    retryAfterSeconds: undefined,
  });
  await send({ verb: "POST", ...request, text: "{}" });
  const { url, ...options } = request;
  assert.deepEqual(asked, [
    [url, { method: "GET", ...options }],
    [url, { method: "POST", ...options, body: "{}" }],
  ]);
});

for (const [status, ok] of [
  [199, false],
  [200, true],
  [299, true],
  [300, false],
] as const)
  test(`HTTP status ${status} means ${ok ? "success" : "failure"}`, () => {
    assert.equal(answerOf(status, "", () => null).ok, ok);
  });

for (const [header, seconds] of [
  ["12", 12],
  ["Wed, 21 Oct 2026 07:28:00 GMT", undefined],
  ["1234567", undefined],
  [null, undefined],
] as const)
  test(`Retry-After: ${header} is a pause of ${seconds} s`, () => {
    assert.equal(answerOf(503, "", () => header).retryAfterSeconds, seconds);
  });
