import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Mask, parseMask } from "./mask.ts";
import { maskJson } from "./mask-selection.ts";

/** The union of two masks, which defines the correct selection. */
function union(a: Mask | undefined, b: Mask | undefined): Mask | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  if (a.size === 0 || b.size === 0) return new Map();
  const names = new Set([...a.keys(), ...b.keys()]);
  return new Map([...names].map((name) => [name, union(a.get(name), b.get(name)) ?? new Map()]));
}

function pick(value: unknown, mask: Mask): unknown {
  if (mask.size === 0) return value;
  if (Array.isArray(value)) return value.map((member) => pick(member, mask) ?? {});
  if (typeof value !== "object" || value === null) return undefined;
  const kept = Object.entries(value).flatMap(([name, member]) => {
    const wanted = name === "*" ? mask.get("*") : union(mask.get(name), mask.get("*"));
    const picked = wanted === undefined ? undefined : pick(member, wanted);
    return picked === undefined ? [] : [[name, picked] as const];
  });
  return Object.fromEntries(kept);
}

const name = fc.constantFrom("a", "b", "c", "*");
const { mask } = fc.letrec<{ mask: string; path: string }>((tie) => ({
  path: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    name,
    fc.tuple(name, tie("path")).map((pair) => pair.join("/")),
    fc.tuple(name, tie("mask")).map(([first, inside]) => `${first}(${inside})`),
  ),
  mask: fc.array(tie("path"), { minLength: 1, maxLength: 4 }).map((paths) => paths.join(",")),
}));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "medium", withCrossShrink: true },
    fc.constantFrom(1, "x", null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(name, tie("value"), { maxKeys: 4, noNullPrototype: true }),
  ),
}));

test("maskJson() keeps the union of masks that meet at a place", () => {
  fc.assert(
    fc.property(mask, fc.dictionary(name, value, { noNullPrototype: true }), (fields, whole) => {
      const parsed = parseMask(fields);
      assert.deepEqual(JSON.parse(maskJson(JSON.stringify(whole), parsed)), pick(whole, parsed));
    }),
    { numRuns: 2_000 },
  );
});
