import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Runs a command of the repository that ends before it does anything. */
function run(file: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(ROOT, file), ...words], {
    encoding: "utf8",
    env: { ...process.env, NODE_NO_WARNINGS: "1" },
  });
  return { status, stdout, stderr };
}

it("a mistake in the arguments of a command of the repository is told in a line, with exit code 2", () => {
  const more = "The argument --help prints all arguments.\n";
  assert.deepEqual(run("test/faults/main.ts", "--sort"), {
    status: 2,
    stdout: "",
    stderr: `Unknown option '--sort'\n${more}`,
  });
  assert.deepEqual(run("test/faults/main.ts", "--seed", "soon"), {
    status: 2,
    stdout: "",
    stderr: `--seed: expected a whole number from 0, got "soon"\n${more}`,
  });
  assert.deepEqual(run("test/faults/main.ts", "--only", "rain"), {
    status: 2,
    stdout: "",
    stderr: `These arguments choose no fault.\n${more}`,
  });
});

it("--help prints the arguments", () => {
  const { status, stdout, stderr } = run("test/faults/main.ts", "--help");
  assert.deepEqual([status, stderr], [0, ""]);
  assert.match(stdout, /^Breaks servers.*--seed N /s);
});

it("every command of the repository reads its arguments in this way", () => {
  const files = ["bench", "test"].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .map((file) => join(folder, file))
      .filter((file) => file.endsWith(".ts") && !file.includes("node_modules")),
  );
  const own = files.filter((file) => /\bparseArgs\(/.test(readFileSync(join(ROOT, file), "utf8")));
  assert.deepEqual(own, [join("test", "support", "command-line.ts")]);
});
