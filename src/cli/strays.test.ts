import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { source } from "./world.suite.ts";

/** Runs code in a watched process; `within` runs a function like a handler. */
function strays(code: string): { readonly lines: readonly string[]; readonly status: number | null } {
  const script = `
    import { runWithinAttempt, currentAttempt } from ${JSON.stringify(source("worker/current-attempt.ts"))};
    import { watchStrays } from ${JSON.stringify(source("cli/strays.ts"))};
    const within = (run) => runWithinAttempt({ operation: "operations/x", method: "m", attempt: 1, fail() {} }, run);
    const remove = watchStrays(({ how, error, code }) =>
      console.log(how, error?.message ?? code, currentAttempt()?.operation ?? "nobody's"));
    ${code}`;
  const { stdout, status } = spawnSync(process.execPath, ["--input-type=module", "--eval", script], {
    encoding: "utf8",
  });
  return { lines: stdout.trimEnd().split("\n"), status };
}

describe("watchStrays()", () => {
  it("reports uncaught errors, with their operation", () => {
    const code = `
      within(() => void Promise.reject(new Error("a")));
      within(() => setTimeout(() => { throw new Error("b"); }));
      setTimeout(() => { throw new Error("c"); }, 20);`;
    assert.deepEqual(strays(code).lines, [
      "rejection a operations/x",
      "exception b operations/x",
      "exception c nobody's",
      "ending 0 nobody's",
    ]);
  });

  it("keeps a handler from ending the process, but nothing else", () => {
    const { lines, status } = strays(`
      within(() => { try { process.exit(3); } catch (error) { console.log("threw", error.message); } });
      process.exit(4);`);
    const message = "A handler called process.exit(3), which would end the work of others";
    assert.deepEqual(lines, [`exit ${message} operations/x`, `threw ${message}`, "ending 4 nobody's"]);
    assert.equal(status, 4);
  });

  it("leaves rejections to a program that listens to them itself", () => {
    const { lines, status } = strays(`
      process.on("unhandledRejection", (error) => console.log("theirs", error.message));
      Promise.reject(new Error("a"));`);
    assert.deepEqual(lines, ["theirs a", "ending 0 nobody's"]);
    assert.equal(status, 0);
  });

  it("leaves the process unchanged when it is removed", () => {
    const { lines, status } = strays(`remove(); within(() => process.exit(5));`);
    assert.deepEqual([lines, status], [[""], 5]);
  });
});
