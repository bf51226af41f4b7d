import assert from "node:assert/strict";
import { test } from "node:test";
import { collectionOf, narrowedTo } from "../../core/operation/collection.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { type ListPosition, listOrderOf } from "../../core/list/order.ts";
import { type ListPlan, planOf } from "./plan.ts";

interface Asked {
  readonly within?: readonly string[];
  readonly filter?: string;
  readonly parent?: string;
  readonly orderBy?: string;
  readonly after?: ListPosition;
}

function plan({ filter = "", parent = "p", orderBy = "", after, within }: Asked): ListPlan {
  return planOf(
    {
      collection: narrowedTo(collectionOf(parent), within),
      filter: compileFilter(filter) ?? null,
      order: listOrderOf(orderBy),
      after: after ?? null,
      limit: 1,
    },
    { parentLike: (collection) => ({ text: "parent like ?", parameters: [collection.parent] }) },
  );
}

const scansOf = (asked: Asked): string =>
  plan(asked)
    .scans.map((scan) => `${scan.kind}${scan.branches.length}${scan.condition === "" ? "" : "?"}`)
    .join(" ");

test("a list that one index serves needs no examination", () => {
  for (const asked of [
    {},
    { parent: "-" },
    { filter: "metadata.state = FAILED" },
    { filter: "done = false" },
    { orderBy: "endTime" },
    { filter: "done = false", orderBy: "endTime desc" },
    { filter: "done = true AND done = false" },
  ]) {
    assert.ok(plan(asked).exact, JSON.stringify(asked));
  }
  for (const asked of [
    { parent: "projects/-" },
    { filter: "done = true" },
    { filter: "metadata.state = FAILED word" },
    { filter: "error.code = NOT_FOUND" },
    { filter: "metadata.state = FAILED", orderBy: "endTime" },
    { filter: "metadata.state = FAILED", parent: "-" },
  ]) {
    assert.ok(!plan(asked).exact, JSON.stringify(asked));
  }
});

test("states other than SUCCEEDED are merged from their own index", () => {
  assert.equal(scansOf({}), "list1");
  assert.equal(scansOf({ filter: "metadata.state != SUCCEEDED" }), "state4");
  assert.equal(scansOf({ filter: "error.code = 5" }), "state2?");
  assert.equal(scansOf({ filter: "done = true" }), "list1?");
  assert.equal(scansOf({ filter: "done = true", parent: "projects/-" }), "id1?");
  assert.equal(scansOf({ filter: "done = true AND done = false" }), "");
});

test("in the order of the end there are two scans, and the position says in which of them the list continues", () => {
  assert.equal(scansOf({ orderBy: "endTime desc" }), "state2 end1");
  assert.equal(scansOf({ orderBy: "endTime" }), "end1 state2");
  assert.equal(scansOf({ orderBy: "endTime", filter: "done = true" }), "end1");
  assert.equal(scansOf({ orderBy: "endTime", filter: "metadata.state:(FAILED OR RUNNING)" }), "end1? state1");
  const [ended, not] = [
    { id: "0", endTime: 5 },
    { id: "0", endTime: null },
  ];
  assert.equal(scansOf({ orderBy: "endTime desc", after: not }), "state2 end1");
  assert.equal(scansOf({ orderBy: "endTime desc", after: ended }), "end1");
  assert.equal(scansOf({ orderBy: "endTime", after: ended }), "end1 state2");
  assert.equal(scansOf({ orderBy: "endTime", after: not }), "state2");
});

const verbs = (count: number): string =>
  Array.from({ length: count }, (_, index) => `metadata.verb = m${index}`).join(" OR ");

test("a narrowed list of all collections must be examined", () => {
  assert.ok(!plan({ parent: "-", within: ["p"] }).exact);
  const [scan] = plan({ parent: "-", within: ["p", "q/r"] }).scans;
  assert.equal(scan?.condition, "((parent like ? or parent like ? or parent like ? or parent like ?))");
  assert.deepEqual(scan?.parameters, ["p", "p/-", "q/r", "q/r/-"]);
  assert.equal(plan({ parent: "-", within: [] }).scans[0]?.condition, "(false)");
  const failed = "metadata.state = FAILED AND metadata.verb = m";
  assert.equal(scansOf({ filter: failed, parent: "-", within: ["p"] }), "failures1?");
  assert.ok(!plan({ filter: failed, parent: "-", within: ["p"] }).exact);
});

test("failures of a method over several collections have an index of their own", () => {
  const failed = "metadata.state = FAILED AND metadata.verb = m";
  assert.equal(scansOf({ filter: failed, parent: "-" }), "failures1");
  assert.equal(scansOf({ filter: "error:* metadata.verb = m", parent: "-" }), "failures2");
  assert.equal(scansOf({ filter: failed, parent: "projects/-" }), "failures1?");
  assert.equal(scansOf({ filter: `${failed} word`, parent: "-" }), "failures1?");
  assert.ok(plan({ filter: failed, parent: "-" }).exact);
  assert.ok(!plan({ filter: failed, parent: "projects/-" }).exact);
  assert.ok(!plan({ filter: `${failed} word`, parent: "-" }).exact);
  // A single collection has an index of its failures; no index combines other states with the
  // method.
  assert.equal(scansOf({ filter: failed }), "state1?");
  assert.equal(scansOf({ filter: "done = true AND metadata.verb = m", parent: "-" }), "id1?");
  assert.equal(scansOf({ filter: `metadata.state = FAILED (${verbs(8)})`, parent: "-" }), "failures8");
  assert.equal(scansOf({ filter: `metadata.state = FAILED (${verbs(9)})`, parent: "-" }), "id1?");
});
