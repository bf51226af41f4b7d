import assert from "node:assert/strict";
import { test } from "node:test";
import { StatusError } from "../../core/error.ts";
import { InvariantError } from "../../core/invariant.ts";
import { faultError, faultKind } from "./fault.ts";

const ofPostgres = (code: string): Error =>
  Object.assign(new Error("the database says so"), { name: "PostgresError", code });
const ofNetwork = (code: string): Error => Object.assign(new Error("the network says so"), { code });

const KINDS = {
  undone: ["40001", "40P01", "55P03", "57014", "OC000", "OC001"],
  unsent: ["57P03", "53300"],
  unknown: ["57P01", "57P02", "57P05", "08006"],
  refused: ["25006", "28P01", "3D000", "42501", "42P01", "53100", "58030", "XX000", "99999"],
  bug: ["22P02", "23505", "42601", "54000"],
} as const;

for (const [kind, codes] of Object.entries(KINDS)) {
  test(`faultKind() takes ${codes.join(", ")} for ${kind}`, () => {
    for (const code of codes) assert.equal(faultKind(ofPostgres(code)), kind, code);
  });
}

test("faultKind() tells a database that was never reached from one that did not answer", () => {
  for (const code of ["ECONNREFUSED", "ENOTFOUND", "CONNECT_TIMEOUT"]) {
    assert.equal(faultKind(ofNetwork(code)), "unsent", code);
  }
  for (const code of ["ECONNRESET", "CONNECTION_CLOSED", "ANSWER_TIMEOUT", "EPIPE"]) {
    assert.equal(faultKind(ofNetwork(code)), "unknown", code);
  }
  const bothAddresses = new AggregateError([ofNetwork("ECONNREFUSED"), ofNetwork("ECONNREFUSED")]);
  assert.equal(faultKind(bothAddresses), "unsent");
});

test("faultKind() takes whatever is not of the database for a bug of ours", () => {
  for (const error of [new TypeError("x is undefined"), "text", null, undefined, { code: 5 }]) {
    assert.equal(faultKind(error), "bug");
  }
});

test("faultError() tells callers that the store is away, with the cause for the log", () => {
  const cause = ofPostgres("53100");
  const error = faultError(cause);
  assert.ok(error instanceof StatusError);
  assert.deepEqual([error.code, error.reason, error.cause], ["UNAVAILABLE", "STORE_UNAVAILABLE", cause]);
  assert.doesNotMatch(error.message, /the database says so/);
});

test("faultError() makes a bug of ours an invariant that was broken, and leaves errors of ours as they are", () => {
  const bug = faultError(ofPostgres("42601"));
  assert.ok(bug instanceof InvariantError);
  assert.match(bug.message, /the database says so \(PostgreSQL's code 42601\)/);
  for (const own of [new StatusError("NOT_FOUND", "m"), bug]) assert.equal(faultError(own), own);
});
