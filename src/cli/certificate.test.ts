import assert from "node:assert/strict";
import { test } from "node:test";
import { FIRST_PAIR } from "../server/listening/certificates.suite.ts";
import { dayOf, tellOutdated, validityOf } from "./certificate.ts";

test("a certificate outside its validity is reported, with its dates", () => {
  const { from, to } = validityOf(FIRST_PAIR.cert);
  assert.ok(from < to);
  const told: unknown[] = [];
  const tell = { "tls.outdated": (facts: unknown) => void told.push(facts) };
  for (const now of [from, to]) tellOutdated(FIRST_PAIR.cert, { tell, now });
  assert.deepEqual(told, []);
  for (const now of [from - 1, to + 1]) tellOutdated(FIRST_PAIR.cert, { tell, now });
  const facts = { message: `it is valid from ${dayOf(from)} to ${dayOf(to)}` };
  assert.deepEqual(told, [facts, facts]);
});

test("a text without a certificate has no validity", () => {
  assert.throws(() => validityOf("no certificate"));
});
