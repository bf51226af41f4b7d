import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClientOperation, StatusError } from "../client/index.ts";
import type { State } from "../core/operation/operation.ts";
import { ManualClock } from "../testing/manual-clock.ts";
import { watchList } from "./watch-list.ts";
import { aWorld, type WorldOptions } from "./world.suite.ts";

function operation(name: string, state: State): ClientOperation {
  const done = state !== "RUNNING";
  return { name, done, metadata: { verb: "echo", state }, response: null, error: null };
}

/** Watches a list with the given contents, and returns the whole output. */
async function watched(
  answers: readonly (readonly ClientOperation[] | Error)[],
  output: "text" | "json",
  options: WorldOptions = {},
): Promise<{ readonly out: string; readonly err: string }> {
  const clock = new ManualClock();
  using world = aWorld({ ...options, clock });
  let next = 0;
  const read = (): Promise<readonly ClientOperation[]> => {
    const answer = answers[Math.min(next++, answers.length - 1)] ?? [];
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const watching = watchList(world.io, { output, read });
  for (const _ of answers) await clock.advance(2_000);
  world.interrupt();
  assert.equal(await watching, "interrupted");
  assert.ok(next >= answers.length);
  return { out: world.out(), err: world.err() };
}

describe("watchList()", () => {
  const [old, now] = [operation("operations/a", "RUNNING"), operation("operations/a", "SUCCEEDED")];
  const other = operation("operations/b", "RUNNING");

  it("tells a pipe what is new and what has changed, once", async () => {
    const { out } = await watched([[old], [old], [other, now], [other]], "text");
    assert.equal(out, "operations/a RUNNING\noperations/a SUCCEEDED\noperations/b RUNNING\n");
  });

  it("writes an object a line for programs", async () => {
    const { out } = await watched([[old], [now]], "json", { terminal: true });
    const lines = out.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as ClientOperation).done),
      [false, true],
    );
  });

  it("draws the table anew on a terminal", async () => {
    const { out } = await watched([[], [old]], "text", { terminal: true });
    const [before, first, second] = out.split("\u001b[H\u001b[2J");
    assert.equal(before, "");
    assert.equal(first, "No operations.\n");
    assert.match(second ?? "", /NAME.*\n.*operations\/a/);
  });

  it("goes on while the server is away, and ends where it refuses", async () => {
    const away = new StatusError("UNAVAILABLE", "Away.", { reason: "SERVER_UNREACHABLE" });
    const { out, err } = await watched([[old], away, [now]], "text");
    assert.equal(out, "operations/a RUNNING\noperations/a SUCCEEDED\n");
    assert.equal(err, "Away. Trying again.\n");
    using world = aWorld();
    const refused = new StatusError("INVALID_ARGUMENT", "No such filter.");
    const watching = watchList(world.io, { output: "text", read: () => Promise.reject(refused) });
    await assert.rejects(watching, refused);
  });
});
