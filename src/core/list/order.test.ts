import assert from "node:assert/strict";
import { test } from "node:test";
import { comparePositions, DEFAULT_ORDER, listOrderOf, positionOf } from "./order.ts";
import { anOperation } from "../../testing/an-operation.ts";

test("an order is one field in either spelling, with desc or without", () => {
  assert.deepEqual(listOrderOf(undefined), DEFAULT_ORDER);
  assert.deepEqual(listOrderOf("  "), DEFAULT_ORDER);
  assert.deepEqual(listOrderOf("create_time"), { by: "createTime", descending: false });
  assert.deepEqual(listOrderOf(" endTime   desc "), { by: "endTime", descending: true });
});

test("any other order is refused", () => {
  for (const order of [
    "name",
    "endTime asc",
    "endTime DESC",
    "createTime,endTime",
    "createTime desc desc",
    ",",
  ]) {
    assert.throws(() => listOrderOf(order), { code: "INVALID_ARGUMENT", reason: "ORDER_BY_INVALID" }, order);
  }
});

test("by the end, what has not ended comes as if it ended some day", () => {
  const places = [
    { id: "b", endTime: 1 },
    { id: "c", endTime: 1 },
    { id: "a", endTime: 2 },
    { id: "d", endTime: null },
  ];
  const ids = (orderBy: string): string =>
    places
      .toSorted((a, b) => comparePositions(listOrderOf(orderBy), a, b))
      .map((each) => each.id)
      .join("");
  assert.equal(ids("endTime"), "bcad");
  assert.equal(ids("endTime desc"), "dacb");
  assert.equal(ids("createTime"), "abcd");
  assert.equal(ids(""), "dcba");
});

test("a position is where an operation stands", () => {
  const operation = anOperation({ endTime: 7 });
  assert.deepEqual(positionOf(operation), { id: operation.id, endTime: 7 });
});
