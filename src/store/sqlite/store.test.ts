import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
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

/** The files of the folder that this process has open, where the system tells. */
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
  ownsTime: true,
  open: (clock) => openStore(`sqlite:${join(folder, `${++files}.db`)}`, { clock }),
  reopen: (clock) => openStore(`sqlite:${join(folder, `${files}.db`)}`, { clock }),
  held: openFiles,
});
