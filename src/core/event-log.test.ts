import assert from "node:assert/strict";
import { test } from "node:test";
import { logEvents, tellLog } from "./event-log.ts";
import type { Log } from "./ports/log.ts";
import { Teller } from "./teller.ts";

/** A log that records its lines. */
function aLog() {
  const lines: unknown[][] = [];
  const at =
    (level: string) =>
    (...line: unknown[]): void =>
      void lines.push([level, ...line]);
  const log: Log = { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  return { lines, log };
}

test("an event with a level is a line of the log: its sentence, and its fields", () => {
  const { lines, log } = aLog();
  const tell = tellLog(log);
  const error = new Error("no");
  tell["sweep.purged"]?.({ count: 2 });
  tell["claims.resumed"]?.({});
  tell["claims.interrupted"]?.({ error });
  tell["sweep.failed"]?.({ loop: "expired leases", error });
  assert.deepEqual(lines, [
    ["debug", "removed operations past their time to live", { count: 2 }],
    ["info", "claims are answered again"],
    ["warn", "claims are not answered; trying again until they are", { error }],
    ["error", "the sweep failed; trying again", { loop: "expired leases", error }],
  ]);
});

test("a field that the sentence shows is not written again", () => {
  const { lines, log } = aLog();
  tellLog(log)["call.failed"]?.({ method: "GET", path: "/v1/x", message: "Away {path}.", error: "refused" });
  assert.deepEqual(lines, [
    ["error", "A call failed: Away {path}.", { method: "GET", path: "/v1/x", error: "refused" }],
  ]);
});

test("events without a level, and excluded ones, have no lines and cost nothing", () => {
  const { lines, log } = aLog();
  const teller = new Teller();
  const off = logEvents(teller, log, ["worker.working"]);
  assert.equal(teller.tell["operation.started"], undefined);
  assert.equal(teller.tell["worker.working"], undefined);
  teller.tell["process.interrupted"]?.({});
  off();
  assert.equal(teller.tell["process.interrupted"], undefined);
  assert.deepEqual(lines, [["warn", "stopped before the service was ready"]]);
});
