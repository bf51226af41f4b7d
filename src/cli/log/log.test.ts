import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { ManualClock } from "../../testing/manual-clock.ts";
import { createLog } from "./log.ts";
import { aWorld } from "../world.suite.ts";

test("the JSON log has one object on each line, with stacks and causes of errors", () => {
  using world = aWorld({ clock: new ManualClock() });
  const log = createLog(world.io, { format: "json", level: "info" });
  log.debug("unheard");
  log.warn("it\nfailed", {
    operation: "operations/x",
    size: 5n,
    message: "other",
    error: new Error("outer", { cause: new Error("inner") }),
  });
  const lines = world.err().trimEnd().split("\n");
  assert.equal(lines.length, 1);
  const { error, ...line } = JSON.parse(lines[0] ?? "") as Record<string, unknown>;
  assert.deepEqual(line, {
    time: "2026-01-01T00:00:00.000Z",
    level: "warn",
    severity: "WARNING",
    operation: "operations/x",
    size: "5",
    message: "it\nfailed",
  });
  assert.match(String(error), /^Error: outer\n[\s\S]*caused by: Error: inner/);
});

test("the text log has the facts after the message and the stack below", () => {
  using world = aWorld({ clock: new ManualClock() });
  const log = createLog(world.io, { format: "text", level: "debug" });
  log.info("started", { name: "operations/x", words: "two words", gone: undefined, story: "line 1\nline 2" });
  assert.equal(
    world.err(),
    '2026-01-01T00:00:00.000Z info  started name=operations/x words="two words"\n  line 1\n  line 2\n',
  );
});

test("a log survives values that cannot be written", () => {
  using world = aWorld({ clock: new ManualClock() });
  const circle: Record<string, unknown> = {};
  circle["self"] = circle;
  for (const format of ["json", "text"] as const)
    createLog(world.io, { format, level: "info" }).info("m", { circle, missing: null });
  assert.match(world.err(), /cannot be shown/);
});

test("the text log is coloured on a terminal, and its values cannot contain control sequences", () => {
  using world = aWorld({ clock: new ManualClock(), terminal: true });
  createLog(world.io, { format: "text", level: "info" }).error("bad \u001b[2J");
  assert.ok(world.err().includes("\u001b[31merror\u001b[39m"));
  assert.ok(!world.err().includes("\u001b[2J"));
});

test("repeated errors are counted, and at the level debug each is written", async () => {
  const clock = new ManualClock();
  for (const [level, lines] of [
    ["info", 3],
    ["debug", 90],
  ] as const) {
    using world = aWorld({ clock });
    const log = createLog(world.io, { format: "json", level });
    for (let call = 0; call < 90; call++) log.error("A call failed", { call, error: new Error("disk full") });
    log.warn("another kind");
    log.flush();
    assert.equal(world.err().trimEnd().split("\n").length, lines + (level === "debug" ? 1 : 0));
  }
});

test("unavailability is reported without stacks", () => {
  using world = aWorld({ clock: new ManualClock() });
  const error = new StatusError("UNAVAILABLE", "Away.", { cause: new Error("disk full") });
  createLog(world.io, { format: "text", level: "info" }).error("the sweep failed", { error });
  assert.equal(
    world.err(),
    "2026-01-01T00:00:00.000Z error the sweep failed\n  StatusError: Away.\n  caused by: Error: disk full\n",
  );
});

test("a message has its trace, and an attempt its worker", () => {
  using world = aWorld({ clock: new ManualClock() });
  const caller = "4bf92f3577b34da6a3ce929d0e0e4736";
  const log = createLog(world.io, { format: "json", level: "info", worker: () => "host-1-a" });
  log.info("of a caller", { traceparent: `00-${caller}-00f067aa0ba902b7-01` });
  log.info("of an attempt", { attempt: 1 });
  log.info("of another's attempt", { attempt: 1, worker: "host-2-b" });
  log.info("of a caller without sense", { traceparent: "x" });
  const lines = world.err().trimEnd().split("\n");
  assert.deepEqual(
    lines.map((line) => {
      const { traceId, worker, traceparent } = JSON.parse(line) as Record<string, unknown>;
      return [traceId, worker, traceparent];
    }),
    [
      [caller, undefined, undefined],
      [undefined, "host-1-a", undefined],
      [undefined, "host-2-b", undefined],
      [undefined, undefined, undefined],
    ],
  );
});
