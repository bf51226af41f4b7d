import assert from "node:assert/strict";
import { test } from "node:test";
import { planted } from "./mutant.ts";
import { sweepOf } from "./sweep.ts";

const SOURCE = `// a < b
export async function f(a: number, b: string): Promise<boolean> {
  if (a < 1 && b === " < ") return true;
  await g(a);
  done();
  return a > 2;
}
`;

test("each change is made at each place where it fits in code, and texts and comments stay unchanged", () => {
  const changed = sweepOf("src/core/f.ts", SOURCE).map((mutant) => planted(mutant, SOURCE));
  const isMade = (line: string): boolean => changed.some((text) => text.includes(`\n  ${line}\n`));
  for (const line of [
    'if (a <= 1 && b === " < ") return true;',
    'if (a < 1 || b === " < ") return true;',
    'if (a < 1 && b !== " < ") return true;',
    'if (a < 1 && b === " < ") return false;',
    'if (false && a < 1 && b === " < ") return true;',
    "g(a);",
    "return a >= 2;",
  ])
    assert.ok(isMade(line), line);
  assert.ok(changed.every((text) => text.startsWith("// a < b\n") && text.includes('" < "')));
  assert.ok(changed.some((text) => !text.includes("done()")));
});

test("a change reports its line and its result", () => {
  const [first] = sweepOf("src/core/f.ts", SOURCE);
  assert.equal(first?.id, "f.ts:3");
  assert.equal(first?.fault, '"<" becomes "<=" in if (a < 1 && b === " < ") return true;');
});
