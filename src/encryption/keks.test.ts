import assert from "node:assert/strict";
import { test } from "node:test";
import { Keks } from "./keks.ts";

const environment = { A: "11".repeat(32), B: "22".repeat(32) };

test("the first KEK wraps, and all unwrap; ids depend on keys and not on their location", async () => {
  const one = await Keks.read(["env:A", "env:B"], { environment });
  const other = await Keks.read(["env:B"], { environment });
  const how = { binding: "b", iv: Buffer.alloc(12) };
  const wrapped = other.wrap(Buffer.alloc(32, 5), how);
  assert.deepEqual(one.unwrap(other.first.id, wrapped, "b"), Buffer.alloc(32, 5));
  assert.equal(other.unwrap(one.first.id, one.wrap(Buffer.alloc(32, 5), how), "b"), undefined);
  assert.ok(one.has(other.first.id) && !other.has(one.first.id));
  assert.deepEqual(
    one.all.map(({ source, id }) => [source, id.length]),
    [
      ["env:A", 16],
      ["env:B", 16],
    ],
  );
  await assert.rejects(Keks.read([], { environment }), TypeError);
});
