import assert from "node:assert/strict";
import { execFile, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, suite, test } from "node:test";
import { format, promisify } from "node:util";
import { aWorld } from "../src/cli/world.suite.ts";
import { bufCommand } from "../test/support/descriptors.ts";
import { migratedDatabase } from "../test/support/migrated.ts";
import { postgresForTests } from "../test/support/postgres.ts";
import { pageSuite } from "./browser/browser.suite.ts";

/**
 * Runs the commands of the examples' READMEs, and compares the output with the text below them.
 * Programs run in this process, as imported modules; `curl` and `buf` run as written, except for
 * addresses and the folder of files.
 */

const ROOT = join(import.meta.dirname, "..");
const FOLDER = import.meta.dirname;
const noCurl = spawnSync("curl", ["-V"]).error === undefined ? false : "no curl";
const data = mkdtempSync(join(tmpdir(), "longrunning-examples-"));
after(() => rmSync(data, { recursive: true, force: true }));

/** A command of a README, and the output that the README shows; undefined if it shows none. */
interface Step {
  readonly command: string;
  readonly output: string | undefined;
}

function textOf(path: string): string {
  return readFileSync(join(FOLDER, path), "utf8");
}

function stepsOf(example: string): [Step, ...Step[]] {
  // There may be lines of text between a command and its output.
  const block = /^```sh\n([^]*?)^```\n(?:(?:(?!```|#).*\n)*```text\n([^]*?)^```$)?/gm;
  const blocks = textOf(`${example}/README.md`).matchAll(block);
  const [first, ...others] = Array.from(blocks, ([, command = "", output]) => ({ command, output }));
  return [first ?? assert.fail(`${example}/README.md has no command`), ...others];
}

/** `…` matches any text, and on a line of its own any lines. */
function assertOutput(actual: string, { command, output }: Step): void {
  const lines = (output ?? assert.fail(`no output of: ${command}`)).split("\n").slice(0, -1);
  const pattern = lines.map((line) =>
    line === "…"
      ? "(?:.*\n)*?"
      : `${line
          .split("…")
          .map((text) => RegExp.escape(text))
          .join(".*")}\n`,
  );
  const shown = actual.replaceAll("\r", "").replace(/\n?$/, "\n");
  assert.match(shown, new RegExp(`^${pattern.join("")}$`), command);
}

/** The module of a step such as `node examples/retries/retries.ts`. */
function moduleOf({ command }: Step): string {
  const [, path = ""] = /\bnode (examples\/\S+)\n$/.exec(command) ?? assert.fail(command);
  return join(ROOT, path);
}

suite("the programs of the examples print what their READMEs show:", () => {
  const programs = ["retries", "cancellation", "progress", "idempotency", "limits", "starts", "resume"];
  for (const example of [...programs, "transaction"])
    test(example, async (t) => {
      const [step] = stepsOf(example);
      await using postgres = example === "transaction" ? await postgresForTests() : undefined;
      if (postgres !== undefined) process.env["DATABASE_URL"] = await migratedDatabase(postgres);
      let printed = "";
      t.mock.method(console, "log", (...values: unknown[]) => (printed += `${format(...values)}\n`));
      await import(moduleOf(step));
      assertOutput(printed, step);
    });
});

const PROGRAM = "npm run --silent longrunning -- ";

/** Runs the commands after the one that starts a server, with this server's address. */
async function runCalls(steps: readonly Step[], written: string, url: string): Promise<void> {
  assert.ok(steps.length > 0);
  for (const step of steps) {
    const command = step.command.replaceAll(written, url);
    if (command.startsWith(PROGRAM)) {
      using world = aWorld();
      await world.run(...wordsOf(command), "--server", url);
      assertOutput(world.out(), step);
    } else assertOutput((await promisify(execFile)("sh", ["-c", command])).stdout, step);
  }
}

/** The words of a command of the program. */
function wordsOf(command: string): readonly string[] {
  assert.ok(command.startsWith(PROGRAM), command);
  const words = command.slice(PROGRAM.length).match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^'(.*)'$/, "$1"));
}

/** Starts a server as a command says, on another port, and makes the calls that follow it. */
async function runServed(command: string, calls: readonly Step[]): Promise<void> {
  using world = aWorld();
  const words = wordsOf(command).map((word) => word.replace(/^examples/, FOLDER));
  const serving = world.run(...words, "--port", "0", "--store", "sqlite::memory:");
  await world.outContains("Stop with");
  const [url = ""] = /http:\/\/127\.0\.0\.1:\d+/.exec(world.out()) ?? [];
  try {
    await runCalls(calls, "http://127.0.0.1:8080", url);
    const [, shown = ""] = /^ {2}longrunning (start .*)$/m.exec(world.out()) ?? [];
    using other = aWorld();
    assert.equal(await other.run(...wordsOf(`${PROGRAM}${shown}`)), 0, other.err());
  } finally {
    world.interrupt();
    assert.equal(await serving, 0);
  }
}

async function urlOf(server: Server): Promise<string> {
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("the Express app answers as its README shows", { skip: noCurl }, async () => {
  const [start, ...calls] = stepsOf("express");
  const { app, operations } = (await import(moduleOf(start))) as typeof import("./express/express.ts");
  const server = app.listen(0, "127.0.0.1");
  try {
    await runCalls(calls, "http://127.0.0.1:3000", await urlOf(server));
  } finally {
    server.close();
    await operations.stop();
  }
});

function inData(line: string): string {
  return line.replaceAll(" data/", ` ${data}/`);
}

suite("the APIs by protos answer as their READMEs show:", { skip: noCurl }, () => {
  for (const example of ["library", "redis"])
    test(example, async () => {
      const [{ command }, ...calls] = stepsOf(example);
      const [make = "", build = "", serve = ""] = inData(command).split("\n");
      assert.equal(make, "mkdir -p data");
      const [npx, buf, ...words] = build.split(" ");
      assert.equal(`${npx} ${buf}`, "npx buf");
      await promisify(execFile)(bufCommand(), words, { cwd: ROOT });
      await runServed(serve, calls);
    });
});

test("the HTTP target does the work of the method, and its errors are those of the operation", async () => {
  const [{ command }, ...calls] = stepsOf("http-target");
  const [secret = "", run = "", serve = ""] = command.split("\n");
  assert.match(secret, /^export TARGET_SECRET=whsec_/);
  process.env["TARGET_SECRET"] = `whsec_${Buffer.alloc(32, 5).toString("base64")}`;
  const path = moduleOf({ command: run.replace(" &", "\n"), output: undefined });
  const { target } = (await import(path)) as typeof import("./http-target/target.ts");
  target.listen(0, "127.0.0.1");
  process.env["TARGET_URL"] = `${await urlOf(target)}/count-words`;
  try {
    await runServed(serve, calls);
    const unsigned = await fetch(process.env["TARGET_URL"], { method: "POST", body: '{"text":"a"}' });
    assert.equal(unsigned.status, 401);
  } finally {
    target.close();
  }
});

pageSuite();

suite("the examples as a whole:", () => {
  const folders = readdirSync(FOLDER, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const names = folders.map(({ name }) => name);

  test("README.md lists every example", () => {
    const listed = Array.from(
      textOf("README.md").matchAll(/^\| \[(\S+)\]\(\1\) \|/gm),
      ([, name = ""]) => name,
    );
    assert.deepEqual(new Set(listed), new Set(names));
  });

  test("their READMEs link to existing files", () => {
    for (const folder of ["", ...names])
      for (const [, link = ""] of textOf(join(folder, "README.md")).matchAll(/\]\((?!https?:)([^)#]+)/g))
        assert.ok(existsSync(join(FOLDER, folder, link)), `${folder}/README.md: ${link}`);
  });
});
