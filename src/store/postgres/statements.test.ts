import assert from "node:assert/strict";
import { test } from "node:test";
import { planOf, plansSuite } from "./plans.suite.ts";
import * as statements from "./statements.ts";

plansSuite(statements, {
  REPLACE: ["operations_pkey"],
  RENEW: ["operations_pkey"],
  REMOVE: ["operations_pkey"],
  REMOVE_FREE: ["operations_pkey"],
  KEY_OF: ["operations_pkey"],
  LOCKED: ["operations_pkey", "operations_pkey"],
  EXPIRED: ["operations_expiry"],
  PURGE: ["operations_pkey", "operations_pkey"],
  READ: ["operations_pkey"],
  OVER: ["operations_pkey"],
  CHANGED: ["operations_pkey"],
  DUE_LEASES: ["operations_runs"],
  DUE_DEADLINES: ["operations_deadline"],
  PLACES: ["operations_parallel", "operations_parallel"],
  HEADS: ["operations_parallel"],
  UNBLOCK: ["operations_pkey"],
});

const { EXPIRED, DUE_LEASES } = statements;
for (const [name, text] of Object.entries({ EXPIRED, DUE_LEASES })) {
  test(`${name} takes rows in the order of its index and sorts nothing`, async () => {
    assert.doesNotMatch((await planOf(text)).join("\n"), /Sort/);
  });
}
