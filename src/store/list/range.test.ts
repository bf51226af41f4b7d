import assert from "node:assert/strict";
import { test } from "node:test";
import { collectionOf } from "../../core/operation/collection.ts";
import { compileFilter } from "../../core/filter/check.ts";
import { IdSource } from "../../core/operation/id.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import { EVERYTHING, type ListRange, rangeOf } from "./range.ts";

function range(text: string, parent = "p"): ListRange {
  const filter = compileFilter(text);
  assert.ok(filter);
  return rangeOf(filter, collectionOf(parent));
}

const idAt = (time: number): string => new IdSource(seededRandom(1)).next(time);

test("create times are a range of ids, with room for the time that ids borrow", () => {
  const at = Date.UTC(2026, 0, 2);
  const { idLow, idHigh } = range(
    "metadata.createTime >= 2026-01-02T00:00:00Z AND metadata.createTime < 2026-01-03T00:00:00Z",
  );
  const inside = [at, at - 900, at + 86_400_000 + 900].map(idAt);
  for (const id of inside) assert.ok(idLow < id && id < idHigh, id);
  for (const id of [at - 2_000, at + 86_400_000 + 2_000].map(idAt)) {
    assert.ok(id < idLow || id > idHigh, id);
  }
});

test("end times are a range of their own", () => {
  const { endLow, endHigh } = range(
    "metadata.endTime > 1970-01-01T00:00:00.5Z AND metadata.endTime < 1970-01-01T00:00:01Z",
  );
  assert.deepEqual([endLow, endHigh], [500, 1_000]);
});

test("a name of the parent, or its beginning, is a range of ids", () => {
  const id = new IdSource(seededRandom(1)).next(Date.UTC(2026, 0, 1));
  for (const name of [`p/operations/${id}`, `p/operations/${id.slice(0, 9)}*`, `p/operations/${id}*`]) {
    const { idLow, idHigh } = range(`name = ${name}`);
    assert.ok(idLow < id && id < idHigh && idLow.length >= 9, name);
  }
});

test("a condition without a range leaves the range unlimited", () => {
  const filters = [
    "name != p/operations/x",
    "name = q/operations/0199*",
    "name = *99",
    "metadata.createTime != 2026-01-01T00:00:00Z",
    "metadata.createTime > 2026-01-01T00:00:00Z OR done = true",
    "NOT metadata.createTime > 2026-01-01T00:00:00Z",
    "name = p/operations/ZZ*",
    "metadata.endTime:*",
  ];
  for (const filter of filters) assert.deepEqual(range(filter), EVERYTHING, filter);
  assert.deepEqual(range("name = p/operations/0199*", "-"), EVERYTHING);
});
