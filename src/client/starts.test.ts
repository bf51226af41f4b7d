import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, network, running } from "./network.suite.ts";

test("a start is repeated only if it has a request id, or starts nothing", async () => {
  for (const [options, calls] of [
    [{}, 1],
    [{ requestId: "r" }, 2],
    [{ validateOnly: true }, 2],
  ] as const) {
    const net = network(failure("UNAVAILABLE", 503), running());
    const started = net.client.start("pack", { directory: "/a" }, options).catch(() => undefined);
    await net.clock.advance(10_000);
    await started;
    assert.equal(net.calls().length, calls);
  }
});

test("an invalid start is not sent", async () => {
  const net = network();
  for (const [options, reason] of [
    [{ parent: "projects/\ud800" }, "NAME_INVALID"],
    [{ requestId: "\ud800" }, "REQUEST_ID_INVALID"],
  ] as const)
    await assert.rejects(net.client.start("pack", {}, options), { reason });
  await assert.rejects(net.client.start("pack", { size: 1n }), { reason: "REQUEST_INVALID" });
  assert.deepEqual(net.calls(), []);
});
