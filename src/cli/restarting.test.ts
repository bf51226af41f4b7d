import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { settled } from "../testing/manual-clock.ts";
import { source } from "./world.suite.ts";

const moduleOf = (index: string): string => `
import { defineMethod } from ${JSON.stringify(index)};
import { description } from "./part.mjs";
const request = { "~standard": { version: 1, vendor: "test", validate: (value) => ({ value }) } };
export const one = defineMethod({ name: "one", description, request, run() {} });
`;

/** A process, and its output. */
function watched(directory: string) {
  const flags = ["serve", "methods.mjs", "--watch", "--port", "0", "--store", "sqlite::memory:"];
  const child = spawn(process.execPath, [source("cli/main.ts").replace("file://", ""), ...flags], {
    cwd: directory,
  });
  let told = "";
  const changed = new EventTarget();
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => {
      told += String(chunk);
      changed.dispatchEvent(new Event("told"));
    });
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(told);
      if (found !== null) {
        told = told.slice(found.index + found[0].length);
        return found;
      }
      await once(changed, "told");
    }
  };
  return { child, until };
}

/**
 * Resolves when a process or one that it started watches a file. A server listens a moment before
 * the process that watches its modules has heard of them. Only Linux tells; elsewhere at once.
 */
async function untilWatched(pid: number | undefined, path: string): Promise<void> {
  if (!existsSync(`/proc/${pid}/fdinfo`)) return;
  const watch = new RegExp(`^inotify .*\\bino:${statSync(path).ino.toString(16)}\\b`, "m");
  while (!descendants(Number(pid)).some((each) => watch.test(descriptorsOf(each)))) await settled();
}

function descendants(pid: number): readonly number[] {
  const children = readOr(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean).map(Number);
  return [pid, ...children.flatMap(descendants)];
}

function descriptorsOf(pid: number): string {
  const folder = `/proc/${pid}/fdinfo`;
  if (!existsSync(folder)) return "";
  return readdirSync(folder)
    .map((each) => readOr(join(folder, each)))
    .join("\n");
}

/** The text of a file, or none if its process has ended meanwhile. */
function readOr(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

test("serve --watch serves changed code, survives code that cannot be loaded, and ends with its server", async () => {
  const directory = mkdtempSync(join(tmpdir(), "longrunning-watch-"));
  const part = (text: string): void => writeFileSync(join(directory, "part.mjs"), text);
  part('export const description = "first";');
  writeFileSync(join(directory, "methods.mjs"), moduleOf(source("index.ts")));
  const { child, until } = watched(directory);
  try {
    await until(/one {2}first[^]*Ctrl-C\.\n/);
    await untilWatched(child.pid, join(directory, "part.mjs"));
    part('export const description = "second');
    await until(/"methods\.mjs" cannot be loaded: SyntaxError/);
    await until(/Waiting for file changes/);
    part('export const description = "third";');
    const [, url = ""] = await until(/Serving on (\S+)\n/);
    await until(/one {2}third[^]*Ctrl-C\.\n/);
    assert.equal((await fetch(`${url}/v1/operations`)).status, 200);
    child.kill("SIGTERM");
    const [code] = (await once(child, "exit")) as [number];
    assert.equal(code, 0);
    await assert.rejects(fetch(`${url}/v1/operations`));
  } finally {
    child.kill("SIGTERM");
    rmSync(directory, { recursive: true, force: true });
  }
});
