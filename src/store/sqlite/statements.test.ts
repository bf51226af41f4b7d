import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { migrate } from "./schema.ts";
import * as sql from "./statements.ts";
import * as claiming from "./statements-claim.ts";
import * as counting from "./statements-counts.ts";
import * as statistics from "./statements-statistics.ts";

/** One search of an index, without the table and without sorting. */
function searchOf(index: string): RegExp {
  return new RegExp(`^SEARCH operations USING COVERING INDEX ${RegExp.escape(index)}$`);
}

/** One search of an index, with the table's rows in its order: nothing is sorted. */
function orderedSearchOf(index: string): RegExp {
  return new RegExp(`^SEARCH operations USING INDEX ${RegExp.escape(index)}$`);
}

const PLANS: readonly (readonly [name: string, text: string, plan: RegExp])[] = [
  ["FIND_BY_REQUEST", sql.FIND_BY_REQUEST, /using index operations_request/i],
  ["REPLACE", sql.REPLACE, /using index sqlite_autoindex_operations_1/i],
  ["RENEW", sql.RENEW, /using index sqlite_autoindex_operations_1/i],
  ["REPORT", sql.REPORT, /using index sqlite_autoindex_operations_1/i],
  ["METHOD_FROM", claiming.METHOD_FROM, searchOf("operations_claim (method>?)")],
  ["PRIORITY_BELOW", claiming.PRIORITY_BELOW, searchOf("operations_claim (method=? AND priority<?)")],
  ["CLAIMABLE", claiming.CLAIMABLE, searchOf("operations_claim (method=? AND priority=?)")],
  [
    "PLACES",
    sql.PLACES,
    /COVERING INDEX operations_parallel \(method=\? AND parallel_key=\? AND blocked=\?\)/,
  ],
  ["HEAD", sql.HEAD, searchOf("operations_parallel (method=? AND parallel_key=? AND blocked=?)")],
  ["UNBLOCK", sql.UNBLOCK, /using index sqlite_autoindex_operations_1/i],
  [
    "CLAIMABLE_OF_PARENT",
    claiming.CLAIMABLE_OF_PARENT,
    /^SEARCH operations USING INDEX operations_state \(parent=\? AND state=\?\)(?![^]*B-TREE FOR ORDER)/,
  ],
  [
    "LATER_OF_PARENT",
    claiming.LATER_OF_PARENT,
    /^SEARCH operations USING INDEX operations_state \(parent=\? AND state=\?\)/,
  ],
  ["CLAIM", claiming.CLAIM, /using index sqlite_autoindex_operations_1/i],
  ["HAND_OVER", sql.HAND_OVER, /using index sqlite_autoindex_operations_1/i],
  ["REMOVE", sql.REMOVE, /using index sqlite_autoindex_operations_1/i],
  [
    "EXPIRED",
    sql.EXPIRED,
    /^SEARCH operations USING INDEX operations_expiry \(expire_time<\?\)\nLIST SUBQUERY 1\nSCAN json_each (?![^]*B-TREE FOR ORDER)/,
  ],
  ["READ", sql.READ, /using index sqlite_autoindex_operations_1/i],
  [
    "DUE_LEASES",
    sql.DUE_LEASES,
    /^MATERIALIZE page\nSEARCH operations USING INDEX operations_running \(start_time>\?\)\nMATERIALIZE last/,
  ],
  [
    "DUE_DEADLINES",
    sql.DUE_DEADLINES,
    orderedSearchOf("operations_deadline (deadline_time>? AND deadline_time<?)"),
  ],
  ["END_LEASES", sql.END_LEASES, /operations_running/],
  ["PENDING_METHOD", counting.PENDING_METHOD, searchOf("operations_claim (method>?)")],
  [
    "WAITING",
    counting.WAITING,
    /COVERING INDEX operations_claim \(method=\? AND priority=\? AND available_time<\?\)/,
  ],
  [
    "DELAYED",
    counting.DELAYED,
    /COVERING INDEX operations_claim \(method=\? AND priority=\? AND available_time>\?\)/,
  ],
  ["BLOCKED_METHOD", counting.BLOCKED_METHOD, searchOf("operations_blocked (method>?)")],
  ["BLOCKED", counting.BLOCKED, /COVERING INDEX operations_blocked \(method=\?\)/],
  ["RUNNING", counting.RUNNING, /USING INDEX operations_running/],
  ["KEYS", counting.KEYS, /COVERING INDEX operations_blocked \(method=\?\)/],
  [
    "UNFINISHED_PARENT",
    counting.UNFINISHED_PARENT,
    /COVERING INDEX operations_state \(parent>\? AND parent<\?\)/,
  ],
  ["UNFINISHED", counting.UNFINISHED, /COVERING INDEX operations_state \(parent=\? AND state=\?\)/],
  [
    "SERIES",
    statistics.SERIES,
    /PRIMARY KEY \(process=\? AND period=\? AND time>\? AND time<\?\)[^]*PRIMARY KEY \(process>\?\)/,
  ],
  ["SETTLED", statistics.SETTLED, /^SEARCH statistics USING PRIMARY KEY \(process>\?\)$/],
  ["FAILURES", statistics.FAILURES, /^SEARCH failures USING PRIMARY KEY \(hour>\?\)$/],
  ["DROP_OLD_COUNTS", statistics.DROP_OLD_COUNTS, /PRIMARY KEY \(process=\? AND period=\? AND time<\?\)/],
  ["DROP_OLD_FAILURES", statistics.DROP_OLD_FAILURES, /PRIMARY KEY \(hour<\?\)/],
  ["RESOURCES", statistics.RESOURCES, /^SEARCH resources USING PRIMARY KEY \(kind=\?\)$/],
  [
    "NAMED_RESOURCES",
    statistics.NAMED_RESOURCES,
    /^SEARCH resources USING PRIMARY KEY \(kind=\? AND name=\?\)/,
  ],
  [
    "DROP_DUE_RESOURCES",
    statistics.DROP_DUE_RESOURCES,
    /COVERING INDEX resources_due \(kind=\? AND due_time<\?\)(?![^]*B-TREE FOR ORDER)/,
  ],
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
