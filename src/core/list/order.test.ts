import assert from "node:assert/strict";
import { test } from "node:test";
import { DEFAULT_ORDER, listOrderOf, positionOf } from "./order.ts";
import { anOperation } from "../../testing/an-operation.ts";

test("an order is one field in either spelling, with or without desc", () => {
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

test("a position identifies the place of an operation in the order", () => {
  const operation = anOperation({ endTime: 7 });
  assert.deepEqual(positionOf(operation), { id: operation.id, endTime: 7 });
});
