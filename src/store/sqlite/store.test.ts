import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { LIMITS } from "../../core/limits.ts";
import type { Tell } from "../../core/events.ts";
import { anOperation } from "../../testing/an-operation.ts";
import { openStore } from "../open.ts";
import { storeSuite } from "../store.suite.ts";

storeSuite({
  name: "SQLite in memory",
  ownsTime: true,
  open: (clock) => openStore("sqlite::memory:", { clock }),
});

const folder = mkdtempSync(join(tmpdir(), "longrunning-store-"));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

/** The files of the folder that this process has open, if the system lists them. */
async function openFiles(): Promise<readonly string[]> {
  const descriptors = existsSync("/proc/self/fd") ? readdirSync("/proc/self/fd") : [];
  return descriptors.flatMap((each) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${each}`);
      return path.startsWith(folder) ? [path] : [];
    } catch {
      return [];
    }
  });
}

storeSuite({
  name: "SQLite on disk",
  hasTwin: true,
  ownsTime: true,
  open: (clock) => openStore(`sqlite:${join(folder, `${++files}.db`)}`, { clock }),
  reopen: (clock) => openStore(`sqlite:${join(folder, `${files}.db`)}`, { clock }),
  held: openFiles,
});

test("a batch takes starts up to the limit of bytes, including those of their callers", async () => {
  const caller = JSON.stringify({ principal: "p".repeat(LIMITS.callerLengthMax), tenant: null });
  const request = "r".repeat(LIMITS.writeBatchBytesMax / 2 - caller.length);
  for (const [more, expected] of [
    ["", [2]],
    ["r", [1, 1]],
  ] as const) {
    const counts: number[] = [];
    const tell: Tell = { "store.batch-ended": ({ count }) => void counts.push(count) };
    const store = await openStore("sqlite::memory:", { tell });
    const operations = [request, `${request}${more}`].map((text) => anOperation({ request: text, caller }));
    await Promise.all(operations.map((operation) => store.write({ verb: "insert", operation })));
    await store.close();
    assert.deepEqual(counts, expected);
  }
});
