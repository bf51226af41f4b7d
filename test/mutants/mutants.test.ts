import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { PLANTED } from "../simulation/planted.ts";
import { ROOT } from "./copy.ts";
import { planted } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";

/** The mutants, and the bugs of the simulation. */
const ALL = [...Object.values(MUTANTS).flat(), ...PLANTED];

test("every mutant applies to its file exactly once, and the result is TypeScript", () => {
  const rotten = ALL.flatMap((mutant) => {
    try {
      planted(mutant, readFileSync(join(ROOT, mutant.file), "utf8"));
      return [];
    } catch (error) {
      return [String(error)];
    }
  });
  assert.equal(rotten.join("\n"), "");
});

test("every mutant has a unique id, and changes source code", () => {
  const ids = ALL.map(({ id }) => id);
  assert.deepEqual(ids.toSorted(), [...new Set(ids)].toSorted());
  for (const { id, file } of ALL) {
    assert.match(id, /^[a-z0-9]+(?:-[a-z0-9]+)+$/);
    assert.match(file, /^(?:src|sql)\//, id);
    assert.doesNotMatch(file, /\.(?:test|suite)\.ts$/, id);
  }
});

test("the fault is described in a sentence", () => {
  for (const { id, fault } of ALL) assert.match(fault, /^\S.* .*\.$/, id);
});
