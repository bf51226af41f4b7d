import assert from "node:assert/strict";
import { test } from "node:test";
import type { CollectionEvent } from "./index.ts";
import { failure, network, refused, struct } from "./network.suite.ts";

/** A stream of events, which ends after them. */
function events(...blocks: readonly string[]): Response {
  return new Response(blocks.join(""), { headers: { "content-type": "text/event-stream" } });
}

const event = (name: string, data: object): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const OPERATION = event("operation", { name: "operations/x", metadata: struct({}) });
const REMOVED = event("removed", { name: "operations/x" });
const INITIAL_END = event("initial-end", {});

/** Watches until this many events have come, or an error. */
async function told({ client, clock }: ReturnType<typeof network>, count: number) {
  const seen: string[] = [];
  const watching = (async () => {
    for await (const each of client.watch({ parent: "projects/p", filter: "done = false" })) {
      seen.push(textOf(each));
      if (seen.length === count) return;
    }
  })().catch((error: { code: string }) => seen.push(error.code));
  await clock.advance(120_000);
  await watching;
  return seen;
}

function textOf(each: CollectionEvent): string {
  if (each.kind === "operation") return each.operation.name;
  return each.kind === "removed" ? `no ${each.name}` : "all";
}

test("watch() yields operations, the end of the initial list, and removals", async () => {
  const net = network(events("retry: 1\n\n", OPERATION, INITIAL_END, ":\n\n", REMOVED));
  assert.deepEqual(await told(net, 3), ["operations/x", "all", "no operations/x"]);
  assert.deepEqual(net.calls(), ["GET /v1/projects/p/operations:watch?filter=done+%3D+false"]);
});

test("watch() begins anew when the stream ends or breaks, and yields everything again", async () => {
  const broken = event("status", { code: 14, message: "Watch again." });
  const net = network(
    refused(),
    events(INITIAL_END),
    failure("UNAVAILABLE", 503),
    events(OPERATION, INITIAL_END, broken),
    events(INITIAL_END),
  );
  assert.deepEqual(await told(net, 4), ["all", "operations/x", "all", "all"]);
  assert.equal(net.calls().length, 5);
});

test("watch() throws the server's refusal, at the beginning and later", async () => {
  assert.deepEqual(await told(network(failure("NOT_FOUND", 404)), 1), ["NOT_FOUND"]);
  const denied = event("status", { code: 7, message: "No more." });
  const net = network(events(INITIAL_END, denied));
  assert.deepEqual(await told(net, 9), ["all", "PERMISSION_DENIED"]);
  assert.equal(net.calls().length, 1);
});
