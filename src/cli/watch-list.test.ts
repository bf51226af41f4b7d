import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ClientOperation, type CollectionEvent, StatusError } from "../client/index.ts";
import { pause } from "../client/pause.ts";
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
  const watching = watchList(world.io, { output, read, limit: 9 });
  for (const _ of answers) await clock.advance(2_000);
  world.interrupt();
  assert.equal(await watching, "interrupted");
  assert.ok(next >= answers.length);
  return { out: world.out(), err: world.err() };
}

/** Watches a list by events. */
async function followed(
  streams: readonly (readonly (CollectionEvent | Error)[])[],
  options: WorldOptions = {},
  read: () => Promise<readonly ClientOperation[]> = () => Promise.reject(new Error("not read")),
): Promise<{ readonly out: string; readonly err: string }> {
  const clock = new ManualClock();
  using world = aWorld({ ...options, clock });
  let next = 0;
  const events = async function* (signal: AbortSignal): AsyncGenerator<CollectionEvent, void, undefined> {
    for (const event of streams[next++] ?? []) {
      if (event instanceof Error) throw event;
      yield event;
      await pause(clock, 200, signal);
    }
    await pause(clock, 1e9, signal);
  };
  const watching = watchList(world.io, { output: "text", read, events, limit: 9 });
  await clock.advance(20_000);
  world.interrupt();
  assert.equal(await watching, "interrupted");
  assert.equal(clock.pending, 0);
  return { out: world.out(), err: world.err() };
}
const told = (each: ClientOperation): CollectionEvent => ({ kind: "operation", operation: each });

describe("watchList()", () => {
  const [old, now] = [operation("operations/a", "RUNNING"), operation("operations/a", "SUCCEEDED")];
  const other = operation("operations/b", "RUNNING");

  it("prints new and changed operations to a pipe, once each", async () => {
    const { out } = await watched([[old], [old], [other, now], [other]], "text");
    assert.equal(out, "operations/a RUNNING\noperations/a SUCCEEDED\noperations/b RUNNING\n");
  });

  it("writes one object on each line for programs", async () => {
    const { out } = await watched([[old], [now]], "json", { terminal: true });
    const lines = out.trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as ClientOperation).done),
      [false, true],
    );
  });

  it("redraws the table on a terminal", async () => {
    const { out } = await watched([[], [old]], "text", { terminal: true });
    const [before, first, second] = out.split("\u001b[H\u001b[2J");
    assert.equal(before, "");
    assert.equal(first, "No operations.\n");
    assert.match(second ?? "", /NAME.*\n.*operations\/a/);
  });

  it("continues while the server is unavailable, and ends if it refuses", async () => {
    const away = new StatusError("UNAVAILABLE", "Away.", { reason: "SERVER_UNREACHABLE" });
    const { out, err } = await watched([[old], away, [now]], "text");
    assert.equal(out, "operations/a RUNNING\noperations/a SUCCEEDED\n");
    assert.equal(err, "Away. Trying again.\n");
    using world = aWorld();
    const refused = new StatusError("INVALID_ARGUMENT", "No such filter.");
    const watching = watchList(world.io, { output: "text", read: () => Promise.reject(refused), limit: 9 });
    await assert.rejects(watching, refused);
  });

  const whole = { kind: "initialEnd" } as const;

  it("follows the events of a watch, once all operations have arrived", async () => {
    const events = [told(other), told(old), whole, told(now), { kind: "removed", name: other.name }] as const;
    const { out } = await followed([events]);
    assert.equal(out, "operations/a RUNNING\noperations/b RUNNING\noperations/a SUCCEEDED\n");
    const table = await followed([events], { terminal: true, environment: { NO_COLOR: "1" } });
    const drawn = table.out.split("\u001b[H\u001b[2J");
    assert.match(drawn[1] ?? "", /operations\/b[^]*operations\/a +RUNNING/);
    assert.match(drawn.at(-1) ?? "", /operations\/a +SUCCEEDED/);
    assert.doesNotMatch(drawn.at(-1) ?? "", /operations\/b/);
    assert.ok(drawn.length > 5, "the table is drawn again while nothing happens");
  });

  it("reads the list after a break of the stream, watches again if the server was unavailable, and polls if it refuses", async () => {
    const again = await followed([[told(old), whole, told(old), whole]], {}, async () => [other]);
    assert.equal(again.out, "operations/a RUNNING\noperations/b RUNNING\n");
    const away = new StatusError("UNAVAILABLE", "Away.", { reason: "SERVER_UNREACHABLE" });
    const { out, err } = await followed([
      [told(old), whole, away],
      [told(now), whole],
    ]);
    assert.equal(out, "operations/a RUNNING\noperations/a SUCCEEDED\n");
    assert.equal(err, "Away. Trying again.\n");
    const refused = new StatusError("UNIMPLEMENTED", "No watches.");
    const polled = await followed([[refused]], {}, async () => [now]);
    assert.equal(polled.out, "operations/a SUCCEEDED\n");
  });
});
