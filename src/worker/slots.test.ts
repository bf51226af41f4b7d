import assert from "node:assert/strict";
import { suite, test } from "node:test";
import fc from "fast-check";
import { defineMethod } from "../core/method/method.ts";
import { z } from "zod";
import { Slots } from "./slots.ts";

const wide = defineMethod({ name: "wide", request: z.object({}), run: () => {} });
const narrow = defineMethod({ name: "narrow", request: z.object({}), concurrency: 2, run: () => {} });

suite("Slots", () => {
  test("take() refuses beyond the limits of the method and the process, and for unknown methods", () => {
    const slots = new Slots([wide, narrow], 3);
    assert.deepEqual([slots.take("narrow"), slots.take("narrow"), slots.take("narrow")], [true, true, false]);
    assert.deepEqual([slots.take("wide"), slots.take("wide"), slots.take("stranger")], [true, false, false]);
    slots.give("narrow");
    assert.equal(slots.freeFor("wide"), 1);
  });

  test("hold() keeps slots from being taken", () => {
    const slots = new Slots([wide, narrow], 3);
    slots.hold(2);
    assert.equal(slots.freeFor("narrow"), 1);
    slots.letGo(2);
    assert.equal(slots.freeFor("wide"), 3);
  });

  test("a method's limit above the process's has no effect", () => {
    const broad = defineMethod({ name: "broad", request: z.object({}), concurrency: 9, run: () => {} });
    assert.equal(new Slots([broad], 4).freeFor("broad"), 4);
  });

  test("a paused method has no slot, however many are free", () => {
    const slots = new Slots([wide, narrow], 3);
    assert.equal(slots.take("wide"), true);
    slots.pause(new Set(["wide"]));
    assert.deepEqual([slots.freeFor("wide"), slots.take("wide"), slots.isPaused("wide")], [0, false, true]);
    assert.deepEqual([slots.freeFor("narrow"), slots.free], [2, 2]);
    slots.give("wide");
    slots.pause(new Set());
    assert.deepEqual([slots.freeFor("wide"), slots.isPaused("wide")], [3, false]);
  });

  test("ends that are being written take slots if there are more of them than slots", () => {
    const slots = new Slots([wide, narrow], 2);
    for (let each = 0; each < 3; each++) {
      assert.equal(slots.take("narrow"), true);
      slots.beginWrite("narrow");
    }
    assert.deepEqual([slots.free, slots.taken, slots.isIdle], [1, 0, false]);
    assert.deepEqual([slots.take("wide"), slots.take("wide")], [true, false]);
    slots.beginWrite("wide");
    assert.equal(slots.free, 0);
    for (const free of [1, 2, 2, 2]) {
      assert.equal(slots.isIdle, false);
      slots.endWrite();
      assert.equal(slots.free, free);
    }
    assert.equal(slots.isIdle, true);
  });

  test("no limit is exceeded, in any order of calls", () => {
    const step = fc.constantFrom("take wide", "take narrow", "give wide", "give narrow", "hold", "let go");
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const slots = new Slots([wide, narrow], 5);
        const taken: Record<string, number> = { wide: 0, narrow: 0 };
        let held = 0;
        for (const each of steps) {
          const [verb, method = ""] = each.split(" ");
          if (verb === "take" && slots.take(method)) taken[method] = (taken[method] ?? 0) + 1;
          if (verb === "give" && (taken[method] ?? 0) > 0) {
            slots.give(method);
            taken[method] = (taken[method] ?? 0) - 1;
          }
          if (verb === "hold" && slots.free > 0) {
            slots.hold(1);
            held++;
          }
          if (each === "let go" && held > 0) {
            slots.letGo(1);
            held--;
          }
          const { wide: wides = 0, narrow: narrows = 0 } = taken;
          assert.ok(narrows <= 2 && wides + narrows + held <= 5);
          assert.equal(slots.taken, wides + narrows);
        }
      }),
    );
  });
});
