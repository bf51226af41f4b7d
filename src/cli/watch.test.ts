import assert from "node:assert/strict";
import { test } from "node:test";
import { createClient } from "../client/index.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { EXIT } from "./exit.ts";
import { watch } from "./watch.ts";
import { aWorld } from "./world.suite.ts";

test("watch() does not hide a failed call behind the waiting", async () => {
  using world = aWorld({
    fetch: async () =>
      Response.json({ error: { code: 403, status: "PERMISSION_DENIED", message: "No." } }, { status: 403 }),
  });
  const client = createClient("http://h:1", { fetch: world.io.fetch });
  const options = { server: "http://h:1", output: "text", timeoutMs: undefined } as const;
  await assert.rejects(watch(world.io, client, "operations/x", options), { code: "PERMISSION_DENIED" });
});

/** A server that reports an operation once, then disappears, and finally does what `gone` does. */
function leaving(gone: (signal: AbortSignal) => Promise<Response>, asked: string[] = []): typeof fetch {
  return async (input, init) => {
    const signal = init?.signal ?? assert.fail("no signal");
    asked.push(input instanceof Request ? input.url : input.toString());
    if (asked.length > 1) return await gone(signal);
    const data = JSON.stringify({
      name: "operations/x",
      metadata: { state: "RUNNING", pollInterval: "30s" },
    });
    const told = new TextEncoder().encode(`event: operation\ndata: ${data}\n\n`);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(told),
      pull: async (controller) =>
        gone(signal).catch((error: unknown) => controller.error(error)) as Promise<void>,
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  };
}

for (const [how, withinMs, gone] of [
  ["has gone", 9_000, () => Promise.reject(new TypeError("fetch failed"))],
  [
    "is silent",
    60_000,
    (signal: AbortSignal) =>
      new Promise<Response>((_, reject) =>
        signal.addEventListener("abort", () => reject(new TypeError("aborted"))),
      ),
  ],
] as const) {
  test(`a server that ${how} is reported, waited for, and given up with a hint on how to resume`, async () => {
    const clock = new ManualClock();
    const asked: string[] = [];
    using world = aWorld({
      clock,
      terminal: true,
      environment: { NO_COLOR: "1" },
      fetch: leaving(gone, asked),
    });
    const ended = world.run("wait", "operations/x", "--server", "http://h:1");
    await world.errContains("RUNNING");
    await clock.advance(withinMs);
    assert.ok(world.err().includes("\r\u001b[KNo answer from http://h:1 for 2s; waiting for it."));
    assert.deepEqual(new Set(asked), new Set(["http://h:1/v1/operations/x:watch"]));
    assert.doesNotMatch(world.err(), /Wait for it again/);
    await clock.advance(120_000);
    assert.equal(await ended, EXIT.unreachable);
    assert.match(
      world.err(),
      /The server does not answer any more; operations\/x goes on if the server does/,
    );
    assert.match(
      world.err(),
      /Wait for it again with: {2}longrunning wait operations\/x --server http:\/\/h:1\n/,
    );
    assert.match(world.err(), /error: (UNAVAILABLE|DEADLINE_EXCEEDED): /);
  });
}
