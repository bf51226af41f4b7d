import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";

/**
 * Runs a program that waits for one of our timers, which does not keep a process running, and then
 * ends it.
 */
function run(program: string): string {
  const imports = ["stay-alive", "clock"].map((name) => new URL(`./${name}.ts`, import.meta.url).href);
  const code = `
    const { stayAlive } = await import("${imports[0]}");
    const { systemClock } = await import("${imports[1]}");
    ${program}`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", code], { encoding: "utf8" });
}

function waiting(ms: number): string {
  return `systemClock.after(${ms}, () => { console.log("later"); done(); });`;
}

test("stayAlive() keeps the process running until its answer is called, and no longer", () => {
  assert.equal(run(`const done = stayAlive(); ${waiting(50)}`), "later\n");
  // However slow the machine, its process is over before that.
  assert.equal(run(`const done = stayAlive(); done(); ${waiting(3_600_000)}`), "");
});
