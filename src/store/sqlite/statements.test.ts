import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { migrate } from "./schema.ts";
import * as sql from "./statements.ts";

const PLANS: readonly (readonly [name: string, text: string, plan: RegExp])[] = [
  ["FIND_BY_REQUEST", sql.FIND_BY_REQUEST, /using index operations_request/i],
  ["REPLACE", sql.REPLACE, /using index sqlite_autoindex_operations_1/i],
  ["RENEW", sql.RENEW, /using index sqlite_autoindex_operations_1/i],
  ["REPORT", sql.REPORT, /using index sqlite_autoindex_operations_1/i],
  ["CLAIMABLE", sql.CLAIMABLE, /^SEARCH operations USING COVERING INDEX operations_claim \(method=\?\)$/],
  ["CLAIM", sql.CLAIM, /using index sqlite_autoindex_operations_1/i],
  ["REMOVE", sql.REMOVE, /using index sqlite_autoindex_operations_1/i],
  ["EXPIRED", sql.EXPIRED, /using index operations_expiry \(expire_time<\?\)/i],
  ["READ", sql.READ, /using index sqlite_autoindex_operations_1/i],
  ["DUE", sql.DUE, /operations_running[^]*operations_deadline \(deadline_time>\? AND deadline_time<\?\)/],
  ["END_LEASES", sql.END_LEASES, /operations_running/],
];

for (const [name, text, plan] of PLANS) {
  test(`${name} is served by the index that its comment names`, () => {
    const database = new DatabaseSync(":memory:");
    migrate(database, 0);
    const steps = database
      .prepare(`explain query plan ${text}`)
      .all()
      .map((row) => String(row["detail"]));
    assert.match(steps.join("\n"), plan);
  });
}
