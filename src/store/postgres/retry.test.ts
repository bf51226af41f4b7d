import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { systemClock } from "../../core/ports/clock.ts";
import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import type { Random } from "../../core/ports/random.ts";
import { retrying } from "./retry.ts";

/** The shortest possible pauses. */
const eager: Random = { fraction: () => 0, bytes: (length) => new Uint8Array(length) };
const patient: Random = { ...eager, fraction: () => 1 };

const conflict = Object.assign(new Error("conflict"), { name: "PostgresError", code: "40001" });
const cut = Object.assign(new Error("cut"), { code: "ECONNRESET" });
const refused = Object.assign(new Error("refused"), { code: "ECONNREFUSED" });

/** Fails with each error in turn, then answers; records the argument of each attempt. */
function failing(...errors: readonly Error[]) {
  const told: boolean[] = [];
  const run = (isRepeated: boolean): Promise<string> => {
    const error = errors[told.length];
    told.push(isRepeated);
    return error === undefined ? Promise.resolve("answer") : Promise.reject(error);
  };
  return { told, run };
}

describe("retrying()", { concurrency: true }, () => {
  it("retries work that the database rolled back or never received, as a first try", async () => {
    const { told, run } = failing(conflict, refused, conflict);
    assert.equal(await retrying(eager, run), "answer");
    assert.deepEqual(told, [false, false, false, false]);
  });

  it("reports after an unknown outcome that an earlier try may have been committed", async () => {
    const { told, run } = failing(conflict, cut, conflict);
    assert.equal(await retrying(eager, run), "answer");
    assert.deepEqual(told, [false, false, true, true]);
  });

  it("does not retry refusals of the database, bugs, or our own errors", async () => {
    const noTable = Object.assign(new Error("no table"), { name: "PostgresError", code: "42P01" });
    const syntax = Object.assign(new Error("syntax"), { name: "PostgresError", code: "42601" });
    const own = new StatusError("FAILED_PRECONDITION", "m");
    const broken = new InvariantError("m");
    for (const [error, expected] of [
      [noTable, { code: "UNAVAILABLE", reason: "STORE_UNAVAILABLE", cause: noTable }],
      [syntax, { name: new InvariantError("").name, cause: syntax }],
      [own, own],
      [broken, broken],
    ] as const) {
      const { told, run } = failing(error);
      await assert.rejects(retrying(eager, run), expected);
      assert.equal(told.length, 1);
    }
  });

  it("gives up after 2.5 seconds without a database, so that callers can decide", async () => {
    const startedAt = systemClock.monotonic();
    await assert.rejects(
      retrying(patient, () => Promise.reject(refused)),
      { reason: "STORE_UNAVAILABLE", cause: refused },
    );
    assert.ok(systemClock.monotonic() - startedAt >= 2_500);
  });

  it("retries conflicts for longer", async () => {
    const startedAt = systemClock.monotonic();
    const answer = await retrying(patient, () =>
      systemClock.monotonic() - startedAt < 2_700 ? Promise.reject(conflict) : Promise.resolve("answer"),
    );
    assert.equal(answer, "answer");
  });
});
