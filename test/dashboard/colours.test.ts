import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { contrast, distance, VISIONS } from "./support/colours.ts";

const TOKENS = readFileSync(new URL("../../dashboard/src/style/tokens.css", import.meta.url), "utf8");
const STATES = ["pending", "running", "succeeded", "failed", "cancelled"];
const THEMES = ["light", "dark"] as const;

function token(name: string, theme: (typeof THEMES)[number]): string {
  const found = new RegExp(`--${name}: light-dark\\((#\\w{6}), (#\\w{6})\\)`).exec(TOKENS);
  assert.ok(found, `there is a token --${name} with a colour for each theme`);
  return found[theme === "light" ? 1 : 2] ?? "";
}

suite("colours", () => {
  for (const theme of THEMES) {
    for (const [vision, matrix] of Object.entries(VISIONS)) {
      test(`states can be distinguished: ${theme}, ${vision}`, () => {
        for (const [index, one] of STATES.entries()) {
          for (const other of STATES.slice(index + 1)) {
            const apart = distance(token(one, theme), token(other, theme), matrix);
            assert.ok(apart >= 7, `${one} and ${other} are ${apart.toFixed(1)} apart`);
          }
        }
      });
    }

    test(`text is readable: ${theme}`, () => {
      for (const name of [...STATES, "muted", "accent", "warn", "text"]) {
        for (const ground of ["panel", "sunk", "bg"]) {
          const ratio = contrast(token(name, theme), token(ground, theme));
          assert.ok(ratio >= 4.5, `${name} on ${ground}: ${ratio.toFixed(2)}`);
        }
      }
    });
  }
});
