import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../../core/error/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { endsSession, faultError, faultKind, batchVerdictOf } from "./fault.ts";

const ofPostgres = (code: string, severity = "ERROR"): Error =>
  Object.assign(new Error("the database says so"), { name: "PostgresError", code, severity });
const ofNetwork = (code: string): Error => Object.assign(new Error("the network says so"), { code });

const KINDS = {
  undone: ["40000", "40001", "40002", "40P01", "55000", "55006", "55P03", "57014", "OC000", "OC001"].concat(
    // The session was left in a bad state, or had been given away; a new session is fine.
    ["25P02", "25P03", "25P04", "26000", "42P05", "72000"],
  ),
  unsent: ["57P03", "53300", "08001", "08004", "08P01", "25006"],
  unknown: ["57P01", "57P02", "57P05", "08000", "08003", "08006", "08007", "40003"],
  refused: ["25001", "28000", "28P01", "3D000", "3F000", "42501", "42704", "42P01"].concat([
    "53000",
    "53100",
    "53200",
    "53400",
    "57P04",
    "58000",
    "58030",
    "0A000",
    "XX000",
    "XX001",
    "99999",
  ]),
  bug: ["22P02", "23505", "42601", "42703", "54000"],
} as const;

for (const [kind, codes] of Object.entries(KINDS)) {
  test(`faultKind() takes ${codes.join(", ")} for ${kind}`, () => {
    for (const code of codes) assert.equal(faultKind(ofPostgres(code)), kind, code);
  });
}

test("faultKind() distinguishes a database that was not reached from one that did not answer", () => {
  for (const code of ["ECONNREFUSED", "ENOTFOUND", "CONNECT_TIMEOUT"]) {
    assert.equal(faultKind(ofNetwork(code)), "unsent", code);
  }
  for (const code of ["ECONNRESET", "CONNECTION_CLOSED", "ANSWER_TIMEOUT", "EPIPE"]) {
    assert.equal(faultKind(ofNetwork(code)), "unknown", code);
  }
  const bothAddresses = new AggregateError([ofNetwork("ECONNREFUSED"), ofNetwork("ECONNREFUSED")]);
  assert.equal(faultKind(bothAddresses), "unsent");
});

test("faultKind() classifies every other error as a bug", () => {
  for (const error of [new TypeError("x is undefined"), "text", null, undefined, { code: 5 }]) {
    assert.equal(faultKind(error), "bug");
  }
});

test("endsSession() is true for errors that only another connection cures", () => {
  for (const code of ["57P01", "53300", "28P01", "25P03"])
    assert.ok(endsSession(ofPostgres(code, "FATAL")), code);
  for (const code of ["25006", "25P02", "26000", "42P05"]) assert.ok(endsSession(ofPostgres(code)), code);
  for (const code of ["23505", "40001", "55P03", "57014", "53100", "0A000"])
    assert.ok(!endsSession(ofPostgres(code)), code);
  assert.ok(endsSession(ofNetwork("ECONNRESET")));
  for (const ours of [new StatusError("NOT_FOUND", "m"), new TypeError("x"), undefined])
    assert.ok(!endsSession(ours));
});

test("faultError() reports to callers that the store is unavailable, with the cause for the log", () => {
  const cause = ofPostgres("53100");
  const error = faultError(cause);
  assert.ok(error instanceof StatusError);
  assert.deepEqual([error.code, error.reason, error.cause], ["UNAVAILABLE", "STORE_UNAVAILABLE", cause]);
  assert.doesNotMatch(error.message, /the database says so/);
});

test("faultError() reports a conflict with other callers, not an outage of the store", () => {
  for (const code of ["40001", "40P01", "55P03"]) {
    const error = faultError(ofPostgres(code));
    assert.ok(error instanceof StatusError);
    assert.deepEqual([error.code, error.reason], ["UNAVAILABLE", "STORE_LOCKED"]);
  }
});

test("batchVerdictOf() returns whether all commands fail, each is tried alone, or all are tried again", () => {
  const verdicts = ["ECONNRESET", "57P01", "25006", "3D000", "53100", "42501"].map((code) =>
    batchVerdictOf(code.startsWith("E") ? ofNetwork(code) : ofPostgres(code)),
  );
  assert.deepEqual(new Set(verdicts), new Set(["all"]));
  for (const code of ["22003", "23505", "54000", "XX001", "58030"])
    assert.equal(batchVerdictOf(ofPostgres(code)), "each", code);
  for (const code of ["40001", "55P03", "57014"])
    assert.equal(batchVerdictOf(ofPostgres(code)), "again", code);
  assert.equal(batchVerdictOf(new InvariantError("a row with a state that nobody knows")), "each");
});

test("faultError() turns a bug into an InvariantError, and keeps our own errors", () => {
  const bug = faultError(ofPostgres("42601"));
  assert.ok(bug instanceof InvariantError);
  assert.match(bug.message, /the database says so \(PostgreSQL's code 42601\)/);
  for (const own of [new StatusError("NOT_FOUND", "m"), bug]) assert.equal(faultError(own), own);
});
