import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, json, network, refused, running, struct, succeeded } from "./network.suite.ts";

type Shown = { readonly done: boolean; readonly metadata: { readonly progressPercent?: number } };

/** A stream of events, which ends after them or is cut off. */
function events(blocks: readonly string[], end: "ends" | "is cut off" = "ends"): Response {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      for (const block of blocks) controller.enqueue(new TextEncoder().encode(block));
      if (end === "ends") controller.close();
    },
    pull: (controller) => controller.error(new TypeError("terminated")),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const at = (progressPercent: number): string =>
  event("operation", { name: "operations/x", metadata: struct({ progressPercent }) });
const DONE = event("operation", {
  name: "operations/x",
  done: true,
  metadata: struct({}),
  response: struct({}),
});

/** Follows an operation to its end, and returns the updates. */
async function told({ client, clock }: Pick<ReturnType<typeof network>, "client" | "clock">) {
  const seen: (number | string)[] = [];
  const following = (async () => {
    for await (const { done, metadata } of client.updates("operations/x") as AsyncIterable<Shown>)
      seen.push(done ? "done" : (metadata.progressPercent ?? "now"));
  })().catch((error: { code: string }) => seen.push(error.code));
  await clock.advance(120_000);
  await following;
  return seen;
}

test("updates() watches, and makes no other call", async () => {
  const net = network(events(["retry: 1\n\n", at(1), ":\n\n", at(1), at(2), DONE]));
  assert.deepEqual(await told(net), [1, 2, "done"]);
  assert.deepEqual(net.calls(), ["GET /v1/operations/x:watch"]);
});

test("updates() watches again when the stream ends or breaks, and yields each state once", async () => {
  const net = network(
    refused(),
    events([at(1)]),
    events([at(1), at(2)], "is cut off"),
    refused(),
    failure("UNAVAILABLE", 503),
    events([DONE]),
  );
  assert.deepEqual(await told(net), [1, 2, "done"]);
  assert.equal(new Set(net.calls()).size, 1);
});

test("updates() polls if the server does not support watches, and remembers that", async () => {
  for (const answer of [
    () => failure("NOT_FOUND", 404),
    () => failure("UNIMPLEMENTED", 405),
    () => json({ name: "operations/x:watch" }),
    () => new Response("<p>", { status: 404, headers: { "content-type": "text/html" } }),
  ]) {
    const net = network(answer(), running(), succeeded({}), running({ progressPercent: 1 }), succeeded({}));
    assert.deepEqual(await told(net), ["now", "done"]);
    assert.deepEqual(await told(net), [1, "done"]);
    assert.deepEqual(
      net.calls().filter((call) => call.includes(":watch")),
      ["GET /v1/operations/x:watch"],
    );
  }
});

test("updates() polls if the limit of watchers is reached, and watches the next time", async () => {
  const net = network(failure("RESOURCE_EXHAUSTED", 429), running(), succeeded({}), events([DONE]));
  assert.deepEqual(await told(net), ["now", "done"]);
  assert.deepEqual(await told(net), ["done"]);
});

test("updates() of a missing operation says so, and concludes nothing about watches", async () => {
  const net = network(failure("NOT_FOUND", 404), failure("NOT_FOUND", 404), events([DONE]));
  assert.deepEqual(await told(net), ["NOT_FOUND"]);
  assert.deepEqual(await told(net), ["done"]);
});

test("updates() polls after a bounded number of streams without events", async () => {
  const net = network(
    ...Array.from({ length: 5 }, () => events([])),
    running(),
    succeeded({}),
    events([DONE]),
  );
  assert.deepEqual(await told(net), ["now", "done"]);
  assert.equal(net.calls().filter((call) => call.includes(":watch")).length, 5);
  assert.deepEqual(await told(net), ["done"], "nothing is concluded for the next time");
});

test("updates() begins streams that end early less and less often", async () => {
  const net = network(...Array.from({ length: 60 }, () => events([at(1)])));
  const stop = new AbortController();
  const following = (async () => {
    for await (const _ of net.client.updates("operations/x", { signal: stop.signal })) continue;
  })();
  await net.clock.advance(60_000);
  const calls = net.calls().length;
  assert.ok(calls >= 5 && calls <= 14, `${calls} streams in a minute`);
  stop.abort(new Error("enough"));
  await assert.rejects(following, /enough/);
});

test("updates() ends with the reason that the stream gives", async () => {
  const denied = event("status", { code: 7, message: "No.", details: [] });
  assert.deepEqual(await told(network(events([at(1), denied]))), [1, "PERMISSION_DENIED"]);
  assert.deepEqual(await told(network(events([at(1), event("removed", { name: "operations/x" })]))), [
    1,
    "NOT_FOUND",
  ]);
  assert.deepEqual(await told(network(events([at(1), "event: operation\ndata: {\n\n"]))), [1, "UNKNOWN"]);
});

/** A server that never answers. */
const silent = (request: Request): Promise<Response> =>
  new Promise((_, reject) =>
    request.signal.addEventListener("abort", () => reject(request.signal.reason as Error)),
  );

test("updates() treats a silent server as gone", async () => {
  const net = network(events([at(1)]), silent, events([DONE]));
  assert.deepEqual(await told(net), [1, "done"]);
});

test("updates() hangs up when the caller stops reading", async () => {
  const { promise: hungUp, resolve } = Promise.withResolvers<void>();
  const { client } = network((request) => {
    request.signal.addEventListener("abort", () => resolve());
    return events([at(1), at(2)]);
  });
  for await (const _ of client.updates("operations/x")) break;
  await hungUp;
});
